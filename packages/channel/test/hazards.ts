import type { Envelope, TransportEvent } from '@reliable-channels/transport'
import { Observable, Subject } from 'rxjs'

/** How one request's dispatch ended. */
export interface Outcome {
  readonly requestId: string
  readonly outcome: string
}

/** A send state machine under test. */
export interface Machine {
  /** The outcomes that it told of requests, in order. */
  readonly outcomes: readonly Outcome[]
  /** Sends a payload of one segment for each started {@link Bench.chunk} bytes. */
  send(payload: Uint8Array): Promise<string>
  /** Lets the next batch through a rate limit of its own; without it the bench's is used. */
  release?: () => Promise<void>
}

/** The rate limit of a machine that has none of its own. */
export interface Batches extends Observable<readonly Uint8Array[]> {
  enqueue(bytes: Uint8Array): void
}

/** The surroundings of the machine. */
export interface Bench {
  /** Frames that one epoch lets through. */
  readonly batchSize: number
  readonly chunk: number
  encrypt(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
  send(envelope: Envelope): Promise<string>
  readonly outcomes$: Observable<TransportEvent>
  readonly batches$: Batches
}

/** A way in which the mission's own state machine goes wrong. */
export interface Hazard {
  readonly name: string
  /** Rejects when the machine goes wrong. */
  run(make: (bench: Bench) => Machine | Promise<Machine>): Promise<void>
}

export const CHUNK = 64
const oneSegment = new Uint8Array(CHUNK).fill(1)
const twoSegments = new Uint8Array(2 * CHUNK).fill(2)

/** Lets all that is ready happen. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

class Queue extends Observable<readonly Uint8Array[]> implements Batches {
  readonly #out: Subject<readonly Uint8Array[]>
  readonly #waiting: Uint8Array[] = []
  readonly #passThrough: boolean

  constructor(passThrough: boolean) {
    const out = new Subject<readonly Uint8Array[]>()
    super((subscriber) => out.subscribe(subscriber))
    this.#out = out
    this.#passThrough = passThrough
  }

  enqueue(bytes: Uint8Array): void {
    if (this.#passThrough) this.#out.next([bytes])
    else this.#waiting.push(bytes)
  }

  release(count: number): void {
    this.#out.next(this.#waiting.splice(0, count))
  }
}

interface Setup {
  readonly batchSize: number
  readonly passThrough?: boolean
  readonly encrypt?: (call: number) => void | Promise<void>
  readonly confirmInsideSend?: boolean
}

/** Makes the machine and what surrounds it. */
async function setUp(make: (bench: Bench) => Machine | Promise<Machine>, setup: Setup) {
  const outcomes$ = new Subject<TransportEvent>()
  const queue = new Queue(setup.passThrough ?? false)
  const sent: string[] = []
  let calls = 0
  const confirm = (requestId: string): void =>
    outcomes$.next({ type: 'message-sent', requestId, hash: `hash of ${requestId}` })
  const machine = await make({
    batchSize: setup.batchSize,
    chunk: CHUNK,
    encrypt(bytes) {
      const wait = setup.encrypt?.(calls++)
      return wait === undefined ? bytes : wait.then(() => bytes)
    },
    async send() {
      const id = `m${sent.length}`
      sent.push(id)
      if (setup.confirmInsideSend === true) confirm(id)
      return id
    },
    outcomes$,
    batches$: queue,
  })
  return {
    machine,
    sent,
    confirm,
    async release() {
      if (machine.release === undefined) queue.release(setup.batchSize)
      else await machine.release()
      await settle()
    },
  }
}

function expectOutcomes(machine: Machine, expected: readonly Outcome[]): void {
  const actual = JSON.stringify(machine.outcomes)
  if (actual !== JSON.stringify(expected))
    throw new Error(`expected ${JSON.stringify(expected)}, got ${actual}`)
}

/** A promise and what resolves it. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

export const hazards: readonly Hazard[] = [
  {
    name: 'a sibling is confirmed while another segment is being encrypted',
    async run(make) {
      const { opened, open } = gate()
      const { machine, confirm, release } = await setUp(make, {
        batchSize: 2,
        encrypt: (call) => (call === 1 ? opened : undefined),
      })
      const first = await machine.send(oneSegment)
      const second = await machine.send(oneSegment)
      await release()
      confirm('m0')
      await settle()
      open()
      await settle()
      confirm('m1')
      await settle()
      expectOutcomes(machine, [
        { requestId: first, outcome: 'sent' },
        { requestId: second, outcome: 'sent' },
      ])
    },
  },
  {
    name: 'the outcome arrives inside send, before the id it belongs to',
    async run(make) {
      const { machine, release } = await setUp(make, { batchSize: 1, confirmInsideSend: true })
      const requestId = await machine.send(oneSegment)
      await release()
      expectOutcomes(machine, [{ requestId, outcome: 'sent' }])
    },
  },
  {
    name: 'two batches are released while the first is being encrypted',
    async run(make) {
      const { opened, open } = gate()
      const { machine, sent, confirm, release } = await setUp(make, { batchSize: 1, encrypt: () => opened })
      const requestId = await machine.send(twoSegments)
      await release()
      await release()
      open()
      await settle()
      for (const id of sent) confirm(id)
      await settle()
      expectOutcomes(machine, [{ requestId, outcome: 'sent' }])
    },
  },
  {
    name: 'a segment fails before its siblings are enqueued',
    async run(make) {
      const { machine, sent, confirm, release } = await setUp(make, {
        batchSize: 2,
        passThrough: true,
        encrypt(call) {
          if (call === 0) throw new Error('no key')
        },
      })
      const requestId = await machine.send(twoSegments)
      await settle()
      await release()
      for (const id of sent) confirm(id)
      await settle()
      expectOutcomes(machine, [{ requestId, outcome: 'error' }])
    },
  },
  {
    name: 'an own error event comes back in',
    async run(make) {
      const { machine, release } = await setUp(make, {
        batchSize: 2,
        encrypt() {
          throw new Error('no key')
        },
      })
      const first = await machine.send(oneSegment)
      const second = await machine.send(oneSegment)
      await release()
      expectOutcomes(machine, [
        { requestId: first, outcome: 'error' },
        { requestId: second, outcome: 'error' },
      ])
    },
  },
]
