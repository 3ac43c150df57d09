import { type FormEvent, type ReactNode, useState } from 'react'
import { type JoinOptions, addressProblem, addressesIn } from './join-options.ts'

/** Asks where to connect to, and as whom. */
export function JoinForm({
  first,
  onJoin,
}: {
  readonly first: JoinOptions
  readonly onJoin: (options: JoinOptions) => void
}): ReactNode {
  const [problem, setProblem] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const text = (name: string): string => (fields.get(name) as string | null)?.trim() ?? ''
    const addresses = addressesIn(text('addresses'))
    const wrong = addressProblem(addresses, location.protocol === 'https:')
    setProblem(wrong)
    if (wrong !== undefined) return
    onJoin({
      name: text('name'),
      channelId: text('channel'),
      addresses,
      clusterId: Number(text('cluster')),
      shards: Number(text('shards')),
      passphrase: text('passphrase'),
    })
  }
  return (
    <form className="card join" onSubmit={submit}>
      <h2>Join a channel over Waku</h2>
      <p className="story">
        Start a network on this machine with <code>npx pnpm@12 rc devnet</code>: the addresses below are those
        of its nodes. Then join in two windows, or in one and in a terminal.
      </p>
      <label className="field wide">
        Addresses of service nodes
        <textarea
          name="addresses"
          rows={4}
          required
          spellCheck={false}
          placeholder="/ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2…"
          defaultValue={first.addresses.join('\n')}
          aria-invalid={problem !== undefined}
          aria-describedby="join-problem"
        />
      </label>
      <p id="join-problem" className="notice wide" role="alert">
        {problem}
      </p>
      <label className="field">
        Your name
        <input name="name" required maxLength={60} defaultValue={first.name} />
      </label>
      <label className="field">
        Channel
        <input name="channel" required maxLength={60} defaultValue={first.channelId} />
      </label>
      <label className="field">
        Passphrase
        <input
          name="passphrase"
          type="password"
          autoComplete="off"
          placeholder="the same for all"
          aria-describedby="join-passphrase"
        />
      </label>
      <p id="join-passphrase" className="story wide">
        Without a passphrase anybody can read what is said. From a terminal,{' '}
        <code>npx pnpm@12 rc chat hike --devnet --passphrase</code> joins, with the name of the channel and
        the same words.
      </p>
      <h3 className="wide">Another network than the devnet</h3>
      <label className="field">
        Cluster
        <input name="cluster" type="number" min={0} max={65_535} required defaultValue={first.clusterId} />
      </label>
      <label className="field">
        Shards
        <input name="shards" type="number" min={1} max={1_024} required defaultValue={first.shards} />
      </label>
      <button type="submit" className="primary">
        Join
      </button>
    </form>
  )
}
