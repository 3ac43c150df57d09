import { ChannelProvider } from '@reliable-channels/react'
import { type ReactNode, useCallback, useRef, useState } from 'react'
import '../later-style.ts'
import '../views/icon.ts'
import '../views/stay-on-drop.ts'
import { adoptStyle } from '../adopt-style.ts'
import { Connection } from './connection.tsx'
import { Conversation } from './conversation.tsx'
import { type JoinedChat, joinChat } from './join-chat.ts'
import { JoinForm } from './join-form.tsx'
import { type JoinOptions, joinDefaults, joinQuery } from './join-options.ts'
import style from './waku.css?inline'

adoptStyle(style)

/** The same chat over Waku: first where and as whom, then the conversation. */
export function WakuPage(): ReactNode {
  const [asked, setAsked] = useState(() => joinDefaults(location.search, Math.random))
  const [joined, setJoined] = useState<JoinOptions>()
  const current = useRef<JoinedChat>(undefined)
  const nodes = useCallback(
    () => current.current?.transport.node.libp2p.getPeers().map((peer) => peer.toString()) ?? [],
    [],
  )
  if (joined === undefined) {
    const join = (options: JoinOptions): void => {
      history.replaceState(undefined, '', joinQuery(options))
      setAsked(options)
      setJoined(options)
    }
    return <JoinForm first={asked} onJoin={join} />
  }
  return (
    <ChannelProvider
      id={JSON.stringify(joined)}
      open={async () => {
        current.current = await joinChat(joined)
        return current.current.chat
      }}
      closed={() => current.current?.close()}
    >
      <main className="waku">
        <Conversation name={joined.name} />
        <Connection options={joined} nodes={nodes} onLeave={() => setJoined(undefined)} />
      </main>
    </ChannelProvider>
  )
}
