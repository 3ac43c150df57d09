import {
  type Frame,
  NO_STEP,
  type Stage,
  committed,
  createDriver,
  laneOperator,
  createUnitOfWork,
  stageOperator,
} from '@reliable-channels/stage'
import { type MonoTypeOperatorFunction, Subject, map } from 'rxjs'
import { type Bench, judge } from '../document.ts'
import { measure } from '../measure.ts'

const frame: Frame = { payload: new Uint8Array(1024) }

/** Passes each frame on, with no deadline. */
const passing: Stage<Frame, Frame> = {
  handle: (input) => ({ outputs: [input], changes: [] }),
  deadline: () => undefined,
  tick: () => NO_STEP,
}

/** The same with a deadline that moves with each frame and is never reached. */
function waiting(): Stage<Frame, Frame> {
  let deadline: number | undefined
  return {
    handle(input, now) {
      deadline = now + 3_600_000
      return { outputs: [input], changes: [] }
    },
    deadline: () => deadline,
    tick: () => NO_STEP,
  }
}

/** CPU time of a frame through `operator`, in ns. */
function perFrame(operator: MonoTypeOperatorFunction<Frame>): number {
  const source = new Subject<Frame>()
  let seen = 0
  const subscription = source.pipe(operator).subscribe(({ payload }) => (seen += payload.length))
  const cost = measure((times) => {
    for (let i = 0; i < times; i++) source.next(frame)
  })
  subscription.unsubscribe()
  if (seen === 0) throw new Error('no frame came through')
  return cost
}

const lane = { input: (value: Frame): Frame => value, output: (value: Frame): Frame => value }

function* run(): Generator<ReturnType<typeof judge>> {
  const theirs = perFrame(map((value) => ({ ...value })))
  const row = (name: string, ours: number): ReturnType<typeof judge> =>
    judge({ case: name, unit: 'ns/frame', ours, theirs, atMost: 1000 })
  yield row('stageOperator, no store', perFrame(stageOperator(() => passing, lane)))
  yield row('lane of a shared driver, no store', perFrame(laneOperator(createDriver(passing), lane)))
  yield row('stageOperator whose deadline moves with each frame', perFrame(stageOperator(waiting, lane)))
  const unitOfWork = createUnitOfWork()
  const first = createDriver(passing, { unitOfWork })
  const second = createDriver(passing, { unitOfWork })
  const joined: MonoTypeOperatorFunction<Frame> = (source) =>
    source.pipe(laneOperator(first, lane), laneOperator(second, lane), committed(unitOfWork))
  yield row('two drivers in one unit of work, and committed()', perFrame(joined))
}

/** The overhead of a driver for a frame. */
export const bench: Bench = { about: 'cost of a frame through a driver, against a bare RxJS map', run }
