import { decrypt, encrypt, xchacha } from '@reliable-channels/encryption'
import { from, map } from 'rxjs'

const cipher = xchacha({ key: crypto.getRandomValues(new Uint8Array(32)) })
const chat = { channelId: 'chat', contentTopic: '/demo/1/chat/proto' }
const other = { channelId: 'other', contentTopic: '/demo/1/other/proto' }

const sealed$ = from(['hello', 'secret']).pipe(
  map((text, number) => ({ number, payload: new TextEncoder().encode(text) })),
  encrypt(cipher, { context: chat }),
)

sealed$
  .pipe(decrypt(cipher, { context: chat }))
  .subscribe(({ number, payload }) => console.log(number, new TextDecoder().decode(payload)))

// The same frames, replayed into another channel.
sealed$
  .pipe(
    decrypt(cipher, {
      context: other,
      onReject: ({ number }, { message, reason }) => console.log(number, message, `(${reason})`),
    }),
  )
  .subscribe(() => console.log('never'))
