import type { ChannelConnection } from '@reliable-channels/channel'
import { useChannel, useHealth, useMembers } from '@reliable-channels/react'
import { type ReactNode, useEffect, useState } from 'react'
import type { Observable } from 'rxjs'
import type { JoinOptions } from './join-options.ts'

/** Whether messages can flow, who is there, and what to do while they cannot. */
export function Connection({
  options,
  nodes,
  onLeave,
}: {
  readonly options: JoinOptions
  /** Service nodes that are connected. */
  readonly nodes: () => readonly string[]
  readonly onLeave: () => void
}): ReactNode {
  const { status, chat, error } = useChannel()
  const connection = useLatest(chat?.channel.connection$)
  const health = useHealth()
  const members = useMembers()
  const state = status === 'failed' ? 'failed' : (connection?.state ?? 'connecting')
  const problem = status === 'failed' ? String(error) : connection?.problem?.message
  const seen = useNodes(nodes)
  return (
    <section className="card connection" aria-label="Connection" data-state={state}>
      <div className="section-head">
        <h2>{STATES[state]}</h2>
        <button type="button" className="quiet" onClick={onLeave}>
          Leave
        </button>
      </div>
      <p role="status" className={problem === undefined ? 'story' : 'notice'}>
        {problem === undefined ? healthText(health?.state) : `${problem}.`}
      </p>
      {problem !== undefined && (
        <p className="story">
          Is the network there? <code>npx pnpm@12 rc devnet</code> starts one on this machine, and prints its
          addresses and its cluster. Leave, and correct what is wrong; what was sent meanwhile waits here.
        </p>
      )}
      <dl className="facts">
        <div>
          <dt>Channel</dt>
          <dd>{options.channelId}</dd>
        </div>
        <div>
          <dt>You</dt>
          <dd>{options.name}</dd>
        </div>
        <div>
          <dt>Sealed</dt>
          <dd>{options.passphrase === '' ? 'no' : 'XChaCha20-Poly1305'}</dd>
        </div>
        <div>
          <dt>Service nodes</dt>
          <dd>{seen.length === 0 ? 'none yet' : seen.map((id) => id.slice(-6)).join(', ')}</dd>
        </div>
        <div>
          <dt>Heard of</dt>
          <dd>
            {members.length === 0
              ? 'nobody yet'
              : members
                  .map(({ senderId, state: of }) => `${senderId}${of === 'behind' ? ', behind' : ''}`)
                  .join(', ')}
          </dd>
        </div>
        <div>
          <dt>Missing</dt>
          <dd>{health?.missing ?? 0}</dd>
        </div>
      </dl>
    </section>
  )
}

const STATES = {
  connected: 'Connected',
  connecting: 'Connecting …',
  disconnected: 'Not connected',
  failed: 'It could not be joined',
} as const

function healthText(state: string | undefined): string {
  switch (state) {
    case 'synced':
      return 'You have everything that was said.'
    case 'catching-up':
      return 'Asking the network for what was said before.'
    case 'missing':
      return 'Something is missing, and is being asked for.'
    case 'incomplete':
      return 'A message is on its way, of which a part is here.'
    case 'unreadable':
      return 'Messages come that cannot be read: is the passphrase the same for all?'
    default:
      return 'The light node looks for service nodes; this takes some seconds.'
  }
}

/** The latest connection. */
function useLatest(connection$: Observable<ChannelConnection> | undefined): ChannelConnection | undefined {
  const [connection, setConnection] = useState<ChannelConnection>()
  useEffect(() => {
    const subscription = connection$?.subscribe(setConnection)
    return () => subscription?.unsubscribe()
  }, [connection$])
  return connection
}

/** The service nodes, looked at every second: a light node tells of each in a way of its own. */
function useNodes(nodes: () => readonly string[]): readonly string[] {
  const [seen, setSeen] = useState<readonly string[]>([])
  useEffect(() => {
    const look = (): void =>
      setSeen((before) => {
        const now = nodes()
        return now.join() === before.join() ? before : now
      })
    const timer = setInterval(look, 1_000)
    return () => clearInterval(timer)
  }, [nodes])
  return seen
}
