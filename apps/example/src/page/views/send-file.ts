import type { Session } from '../session.ts'
import type { PeerName } from '../world/settings.ts'

/** Reads a file and sends it; one that is too large is refused by the channel, which says so. */
export async function sendFile({ world }: Session, peer: PeerName, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  world.say(peer, { kind: 'file', name: file.name, bytes })
}
