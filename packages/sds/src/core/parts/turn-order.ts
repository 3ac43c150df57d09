/** So long others need to hear who speaks first, ms. */
export const SLOT_MS = 350

/** How many of the others have their turn before a participant, for a message: it follows from their names and its id alone. */
export function turnOf(participantId: string, messageId: string, others: readonly string[]): number {
  const mine = hashOf(participantId, messageId)
  let before = 0
  for (const other of others) if (hashOf(other, messageId) < mine) before++
  return before
}

/** FNV-1a of both, mixed. */
function hashOf(memberId: string, messageId: string): number {
  let hash = 0x811c9dc5
  for (const text of [memberId, messageId])
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}
