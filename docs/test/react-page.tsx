import { openChannel } from '@reliable-channels/channel'
import { jsonCodec, typed } from '@reliable-channels/messages'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { App, peers } from '../examples/react.tsx'

/** Bob, who answers whatever he hears. */
async function answerAsBob(): Promise<void> {
  const chat = typed(
    await openChannel({
      channelId: 'friends',
      contentTopic: '/my-chat/1/friends/proto',
      senderId: 'bob',
      transport: peers.peer('bob'),
      receipts: 'all',
    }),
    jsonCodec(z.object({ text: z.string() })),
  )
  chat.incoming$.subscribe(({ value }) => chat.send({ text: `you said "${value.text}"` }))
}

await answerAsBob()
createRoot(document.body.appendChild(document.createElement('main'))).render(<App />)
