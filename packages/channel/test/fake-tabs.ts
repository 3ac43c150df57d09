import type { VirtualTime } from '@reliable-channels/simulator'
import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'
import type { TabLocks, TabsBroadcast } from '../src/tabs.ts'

/** A tab of a {@link FakeOrigin}. Its locks, its timers and what it hears are its own. */
export interface FakeTab {
  readonly scheduler: SchedulerLike
  readonly locks: TabLocks
  readonly broadcast: (name: string) => TabsBroadcast
  /** Its timers stop, and what it hears waits; it keeps its locks. */
  freeze(): void
  thaw(): void
  /** Its timers stop, as in the background; it hears what is said. */
  rest(): void
  /** It is gone, without a word. */
  kill(): void
}

/** Fakes of Web Locks and BroadcastChannels, for the tabs of one origin in virtual time. */
export interface FakeOrigin {
  tab(): FakeTab
  /** All that was said, in the order in which it was. */
  readonly said: { readonly type: string; readonly from: string }[]
  /** Says something as whoever else is of the origin. */
  say(data: unknown): void
}

interface Request {
  readonly isAlive: () => boolean
  readonly grant: () => Promise<void>
  readonly settle: (error?: Error) => void
}

export function fakeOrigin(time: VirtualTime): FakeOrigin {
  const ears = new Set<{
    readonly from: object
    readonly name: string
    readonly hear: (data: unknown) => void
  }>()
  const locks = new Map<string, { holder: Request | undefined; line: Request[] }>()
  const said: FakeOrigin['said'] = []

  const next = (name: string): void => {
    const lock = locks.get(name)!
    const request = lock.line.shift()
    lock.holder = request
    if (request === undefined) return
    if (!request.isAlive()) return next(name)
    void request.grant().then(() => free(name, request))
  }
  const free = (name: string, request: Request, error?: Error): void => {
    if (locks.get(name)!.holder !== request) return
    request.settle(error)
    next(name)
  }
  const post = (from: object, name: string, data: unknown): void => {
    const copy = structuredClone(data)
    for (const ear of ears) if (ear.from !== from && ear.name === name) time.schedule(() => ear.hear(copy), 1)
  }

  const tab = (): FakeTab => {
    let state: 'running' | 'resting' | 'frozen' | 'dead' = 'running'
    const waiting: (() => void)[] = []
    const run = (work: () => void, isTimer = false): void => {
      if (state === 'running' || (state === 'resting' && !isTimer)) work()
      else if (state !== 'dead') waiting.push(work)
    }
    const mine: { readonly name: string; readonly request: Request }[] = []
    return {
      scheduler: {
        now: () => time.now(),
        schedule<T>(
          work: (this: SchedulerAction<T>, state?: T) => void,
          delay?: number,
          given?: T,
        ): Subscription {
          return time.schedule(
            function (this: SchedulerAction<T>, value?: T) {
              run(() => work.call(this, value), true)
            },
            delay,
            given,
          )
        },
      },
      locks: {
        request: (name, { signal, steal = false }, held) =>
          new Promise<void>((resolve, reject) => {
            const lock = locks.get(name) ?? { holder: undefined, line: [] }
            locks.set(name, lock)
            const request: Request = {
              isAlive: () => state !== 'dead' && signal?.aborted !== true,
              grant: () => new Promise((done) => run(() => done(held()))),
              settle: (error) => run(() => (error === undefined ? resolve() : reject(error))),
            }
            mine.push({ name, request })
            signal?.addEventListener('abort', () => {
              if (lock.holder === request) return
              lock.line = lock.line.filter((each) => each !== request)
              reject(signal.reason)
            })
            if (steal) lock.line.unshift(request)
            else lock.line.push(request)
            const { holder } = lock
            time.schedule(() => {
              if (steal && holder !== undefined) free(name, holder, new DOMException('stolen', 'AbortError'))
              else if (lock.holder === undefined) next(name)
            })
          }),
      },
      broadcast(name) {
        const from = {}
        const listeners: ((event: { readonly data: unknown }) => void)[] = []
        const hear = (data: unknown): void => run(() => listeners.forEach((each) => each({ data })))
        const ear = { from, name, hear }
        ears.add(ear)
        return {
          postMessage(data) {
            if (state === 'dead') return
            structuredClone(data)
            said.push(data as FakeOrigin['said'][number])
            post(from, name, data)
          },
          addEventListener: (_, listener) => void listeners.push(listener),
          close: () => void ears.delete(ear),
        }
      },
      freeze: () => void (state = 'frozen'),
      rest: () => void (state = 'resting'),
      thaw() {
        state = 'running'
        waiting.splice(0).forEach((work) => work())
      },
      kill() {
        state = 'dead'
        for (const { name, request } of mine) free(name, request)
      },
    }
  }
  return {
    tab,
    said,
    say: (data) => [...new Set([...ears].map(({ name }) => name))].forEach((name) => post({}, name, data)),
  }
}
