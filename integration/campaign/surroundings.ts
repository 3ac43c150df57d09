import type { ChannelOptions, NodeOptions } from '@reliable-channels/channel'
import type { Cipher } from '@reliable-channels/encryption'
import type { SimulatedNetwork, VirtualTime } from '@reliable-channels/simulator'
import type { FrameTrace } from './frames.ts'
import type { Truth } from './truth.ts'

/** Where a member lives. */
export interface Surroundings {
  readonly seed: number
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  readonly truth: Truth
  /** Whether the network's memory can be asked. */
  readonly memory: boolean
  readonly node?: Partial<NodeOptions>
  readonly channel?: Partial<ChannelOptions>
  readonly say?: ((line: string) => void) | undefined
  /** What they say is sealed with it. */
  readonly cipherOf?: (name: string, randomBytes: (length: number) => Uint8Array) => Cipher
  /** Told of what each frame says. */
  readonly frames?: FrameTrace
}
