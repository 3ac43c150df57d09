import { placeOfChannel } from '../channel-name.ts'
import { EXIT } from '../exit-codes.ts'
import type { Host } from '../host.ts'
import type { Output } from '../output.ts'
import { resolveKey } from '../secrets/resolve-key.ts'
import type { SecretOptions } from '../secrets/secret-options.ts'
import { inspectFrame } from './inspect-frame.ts'
import { openSealed } from './open-sealed.ts'
import { readFrame } from './read-frame.ts'
import { tellInspection } from './tell-inspection.ts'

/** Looks into the frame that an argument means; returns the exit code. */
export async function runInspect(
  argument: string,
  options: SecretOptions & { readonly channel?: string; readonly topic?: string },
  host: Host,
  output: Output,
): Promise<number> {
  const { channel, topic } = options
  const place = channel === undefined ? { contentTopic: topic } : placeOfChannel(channel, topic)
  const bytes = await readFrame(argument, host)
  const known = { now: host.now(), ...(channel !== undefined && { channelId: channel }) }
  let inspection = inspectFrame(bytes, known)
  const key = inspection.sealed && (await resolveKey(options, channel, host))
  if (inspection.sealed !== undefined && key !== undefined) {
    const isWhole = inspection.layers[0]?.kind === 'waku-message'
    // The topic of a whole message is its own; that of a bare frame follows from the channel.
    const bound = isWhole && topic === undefined ? { channelId: channel } : place
    inspection = inspectFrame(bytes, { ...known, opening: await openSealed(inspection.sealed, key, bound) })
  }
  tellInspection(inspection, output)
  return inspection.isSound ? EXIT.ok : EXIT.failed
}
