import type { Transport } from '@reliable-channels/transport'

/** A network that was joined; closing it leaves it. */
export interface Joined extends AsyncDisposable {
  readonly transport: Transport
  /** `the devnet`, for people. */
  readonly description: string
  /** Lets whoever is simulated take part; called when the own channel is open. */
  readonly begin?: () => Promise<void>
}
