import { hadIt } from './memory.ts'
import type { TruthState } from './state.ts'

/** Says in words which messages must come and have not. */
export function* missing(state: TruthState): Generator<string> {
  const { members, requests } = state
  for (const { id, author, ephemeral, cancelled, atMs, life, refused } of state.sent.values()) {
    if (ephemeral || cancelled) continue
    const { lives, isRunning, memory: own } = members.get(author)!
    if (isRunning && lives === life && !refused && !own.accepted.has(id)) yield `${id} was not accepted`
    const holders = state.holders(id)
    if (holders.length === 0) continue
    for (const { name, memory, isGone } of members.values()) {
      if (isGone || name === author || hadIt(memory, id) || atMs < memory.sinceMs) continue
      if (memory.past.has(id)) continue
      yield `${name} lacks ${id}, which ${holders.map((holder) => holder.name).join(', ')} ${holders.length > 1 ? 'have' : 'has'}`
    }
    const writer = members.get(author)!
    if (writer.isGone || !writer.memory.accepted.has(id)) continue
    if (!requests.hasEnded(id)) yield `the dispatch of ${id} has not ended`
    // That a message was lost, which had been delivered, is forgotten with the process.
    const isForgotten = (requests.toldOf(id)?.withdrawn ?? writer.lives) !== writer.lives
    if (holders.some(({ name }) => name !== author) && !requests.isDelivered(id) && !isForgotten)
      yield `${author} was not told that ${id} is delivered, though ${holders.map(({ name }) => name).join(', ')} have it`
  }
  for (const { id, by, life, to, memory, byMemory, atMs } of state.claims.all()) {
    const member = members.get(to)!
    if (member.isGone || hadIt(member.memory, id)) continue
    // Who has lost it, then or before he was named, shows that by what he says.
    const author = members.get(by)!
    const isKnown = author.lives === life || (author.keepsReceipts === true && author.memory === byMemory)
    const isShown = !author.isGone && isKnown && state.words.hasShown(member, writtenBy(state, by))
    if ((member.memory !== memory || state.forgetful.has(to)) && !isShown) continue
    yield `${by} was told at ${state.seconds(atMs)} s that ${id} is delivered to ${to}, who does not have it`
  }
}

/** How many messages a member has sent. */
const writtenBy = ({ sent }: TruthState, name: string): number =>
  [...sent.values()].filter(({ author }) => author === name).length
