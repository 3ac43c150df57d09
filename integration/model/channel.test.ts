import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Member, type World } from './member.ts'

/** How a member is. */
type State = 'runs' | 'stands' | 'away' | 'ended'

/**
 * All that a channel promises: what is said is had by each who had joined, once, after all that its author had; however
 * often members end, are killed, stand still or are out of reach.
 */
class Model {
  readonly states = new Map<string, State>()
  /** What each member has, its own included, in the order in which it came. */
  readonly has = new Map<string, Set<string>>()
  /** What each must have in the end. */
  readonly due = new Map<string, Set<string>>()
  /** What its author had before each message. */
  readonly before = new Map<string, ReadonlySet<string>>()

  join(name: string): void {
    this.states.set(name, 'runs')
    this.has.set(name, new Set())
    this.due.set(name, new Set())
  }

  say(author: string, text: string): void {
    this.before.set(text, new Set(this.has.get(author)))
    this.has.get(author)!.add(text)
    for (const due of this.due.values()) due.add(text)
  }

  receive(name: string, text: string, late: boolean): void {
    const [has, due, before] = [this.has.get(name)!, this.due.get(name)!, this.before.get(text)]
    expect(before, `${name} has what nobody said: ${text.slice(0, 20)}`).toBeDefined()
    expect([...has], `${name} has it twice`).not.toContain(text)
    const missed = late ? [] : [...before!].filter((each) => due.has(each) && !has.has(each))
    expect(missed, `${name} has ${text.slice(0, 20)} before what it comes after`).toEqual([])
    has.add(text)
  }
}

interface Real extends World {
  readonly members: Map<string, Member>
  /** What a listener threw: it is not the business of the channel. */
  readonly faults: unknown[]
}

type Command = fc.AsyncCommand<Model, Real>

/** Something that happens to a member in one of the states, and what it is in then. */
const happens = (
  what: string,
  name: string,
  from: readonly State[],
  to: State,
  how: (member: Member) => unknown,
): Command => ({
  check: ({ states }) => from.some((state) => states.get(name) === state),
  async run(model, { members }) {
    model.states.set(name, to)
    await how(members.get(name)!)
  },
  toString: () => `${name} ${what}`,
})

const names = ['alice', 'bob', 'carol', 'dave']
const name = fc.constantFrom(...names)
const up: readonly State[] = ['runs', 'away']

async function join(model: Model, real: Real, joining: string): Promise<void> {
  model.join(joining)
  const member = new Member(real, joining, (text, late) => {
    try {
      model.receive(joining, text, late)
    } catch (fault) {
      real.faults.push(fault)
    }
  })
  real.members.set(joining, member)
  await member.start()
  await real.time.advance(1_000)
}

const joins = (joining: string): Command => ({
  check: ({ states }) => !states.has(joining),
  run: (model, real) => join(model, real, joining),
  toString: () => `${joining} joins`,
})

const says = (author: string, bytes: number): Command => ({
  check: ({ states }) => up.some((state) => states.get(author) === state),
  async run(model, { members }) {
    const text = `${author} ${model.before.size} `.padEnd(bytes, '.')
    model.say(author, text)
    await members.get(author)!.say(text)
  },
  toString: () => `${author} says ${bytes} B`,
})

const passes = (ms: number): Command => ({
  check: () => true,
  async run(_, { time, faults }) {
    await time.advance(ms)
    if (faults.length > 0) throw faults[0]
  },
  toString: () => `${ms} ms pass`,
})

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(name, fc.constantFrom(1, 200, 2_000)).map((args) => says(...args)),
  fc.tuple(name, fc.constantFrom(1, 200, 400_000)).map((args) => says(...args)),
  fc.constantFrom(10, 300, 2_000).map(passes),
  fc.constantFrom(5_000, 60_000, 1_200_000).map(passes),
  name.map(joins),
  name.map((each) => happens('closes', each, up, 'ended', (member) => member.close())),
  name.map((each) => happens('is killed', each, [...up, 'stands'], 'ended', (member) => member.kill())),
  name.map((each) => happens('starts', each, ['ended'], 'runs', (member) => member.start())),
  name.map((each) => happens('stands still', each, ['runs'], 'stands', (member) => member.freeze())),
  name.map((each) => happens('goes on', each, ['stands'], 'runs', (member) => member.thaw())),
  name.map((each) => happens('is cut off', each, ['runs'], 'away', (member) => member.disconnect())),
  name.map((each) => happens('is back', each, ['away'], 'runs', (member) => member.connect())),
]

/** Everybody comes back, and there is time. */
async function settle(model: Model, { members, time, faults }: Real): Promise<void> {
  for (const [each, member] of members) {
    const state = model.states.get(each)!
    if (state === 'ended') await member.start()
    if (state === 'stands') member.thaw()
    if (state === 'away') member.connect()
  }
  await time.advance(1_800_000)
  if (faults.length > 0) throw faults[0]
  for (const [each, due] of model.due) {
    const has = model.has.get(each)!
    const missing = [...due].filter((text) => !has.has(text)).map((text) => text.slice(0, 20))
    expect(missing, `${each} has not`).toEqual([])
  }
  for (const member of members.values()) await member.close()
}

describe('a channel is what its model is', () => {
  it.each([0, 0.1, 0.3])('with a loss of %s', { timeout: 600_000 }, async (loss) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), fc.nat(), async (script, seed) => {
        const time = virtualTime()
        const network = simulatedNetwork({ seed, loss, duplicate: loss / 3, latencyMs: 80, scheduler: time })
        const model = new Model()
        const real: Real = { time, network, members: new Map(), faults: [] }
        for (const each of ['alice', 'bob']) await join(model, real, each)
        await fc.asyncModelRun(() => ({ model, real }), script)
        await settle(model, real)
        network.close()
      }),
      { numRuns: Number(process.env['RUNS'] ?? 20) },
    )
  })
})
