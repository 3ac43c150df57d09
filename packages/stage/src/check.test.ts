import { describe, expect, it } from 'vitest'
import {
  NO_STEP,
  type Stage,
  StageOptionError,
  createDriver,
  laneOperator,
  createUnitOfWork,
  stageOperator,
} from './index.ts'

const stage: Stage<string, string> = { handle: () => NO_STEP, tick: () => NO_STEP, deadline: () => undefined }
const lane = { input: (value: string) => value, output: (value: string) => value }

/** As whoever writes JavaScript might call them. */
const driver = createDriver as (stage: unknown, options?: unknown) => ReturnType<typeof createDriver>
const operator = stageOperator as (createStage: unknown, options: unknown) => unknown
const unit = createUnitOfWork as (options: unknown) => unknown

describe('what makes no stage, driver or unit of work', () => {
  it.each<[string, () => unknown]>([
    ['"stage" expected a stage, got undefined', () => driver(undefined)],
    ['"stage.tick" expected a function, got undefined', () => driver({ handle: () => NO_STEP })],
    ['"options" expected an object, got null', () => driver(stage, null)],
    ['"lateMs" expected a number from 0, got NaN', () => driver(stage, { lateMs: Number.NaN })],
    ['"keyPrefix" expected a string, got 7', () => driver(stage, { keyPrefix: 7 })],
    ['"write" expected a function, or nothing, got an object', () => driver(stage, { write: {} })],
    ['"scheduler" expected a scheduler of rxjs, got null', () => driver(stage, { scheduler: null })],
    ['"scheduler.schedule" expected a function, got undefined', () => driver(stage, { scheduler: Date })],
    ['"input" expected a function, got undefined', () => laneOperator(driver(stage), {} as never)],
    ['"createStage" expected a function, got an object', () => operator(stage, lane)],
    ['"output" expected a function, got undefined', () => operator(() => stage, { input: String })],
    ['"lateMs" expected a number from 0, got "5"', () => operator(() => stage, { ...lane, lateMs: '5' })],
    [
      '"completes" expected \'idle\' or \'flushed\', got "never"',
      () => operator(() => stage, { ...lane, completes: 'never' }),
    ],
    ['"retryMs" expected a number above 0, got -1', () => unit({ retryMs: -1 })],
    ['"options" expected an object, got null', () => unit(null)],
  ])('is refused: %s', (message, make) => {
    expect(make).toThrow(new StageOptionError(message))
  })
})
