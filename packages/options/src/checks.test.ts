import { Buffer } from 'node:buffer'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type Checks, createChecks } from './index.ts'

class RadioOptionError extends RangeError {
  override readonly name = 'RadioOptionError'
}

const check: Checks = createChecks((message) => new RadioOptionError(message))

/** The message of the error that `run` throws; `undefined` if it throws none. */
function said(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(RadioOptionError)
    return (error as Error).message
  }
}

describe('a check', () => {
  it('lets through what is right', () => {
    const right: (() => void)[] = [
      () => check.object('options', {}),
      () => check.object('scheduler', () => {}),
      () => check.integer('volume', 0, 0, 11),
      () => check.integer('volume', 11, 0, 11),
      () => check.integer('most', Infinity, 1, Infinity),
      () => check.number('rate', 0.5, 0, 1),
      () => check.number('timeoutMs', Infinity, 0),
      () => check.above('speed', Number.MIN_VALUE, 0),
      () => check.text('name', 'x'),
      () => check.boolean('on', false),
      () => check.function('play', () => {}),
      () => check.callback('onError', undefined),
      () => check.callback('onError', () => {}),
      () => check.oneOf('band', 'fm', ['am', 'fm']),
      () => check.bytes('payload', new Uint8Array(3).subarray(1)),
      () => check.bytes('payload', Buffer.from('x')),
      () => check.bytes('payload', runInNewContext('new Uint8Array(3)')),
      () => check.frame({ payload: new Uint8Array(3), id: 1 }),
      () => check.iterable('restore', []),
      () => check.iterable('restore', new Map().values()),
    ]
    expect(right.map(said)).toEqual(right.map(() => undefined))
  })

  it.each<[string, () => void]>([
    ['"options" expected an object, got undefined', () => check.object('options', undefined)],
    ['"options" expected a radio, got null', () => check.object('options', null, 'a radio')],
    ['"options" expected an object, got "./path"', () => check.object('options', './path')],
    ['"volume" expected an integer from 0 to 11, got 12', () => check.integer('volume', 12, 0, 11)],
    ['"volume" expected an integer from 0 to 11, got -1', () => check.integer('volume', -1, 0, 11)],
    ['"volume" expected an integer from 0, got 0.5', () => check.integer('volume', 0.5, 0)],
    ['"volume" expected an integer from 0, got NaN', () => check.integer('volume', Number.NaN, 0)],
    ['"volume" expected an integer from 0, got "5"', () => check.integer('volume', '5', 0)],
    ['"volume" expected an integer from 0, got 5n', () => check.integer('volume', 5n, 0)],
    ['"volume" expected an integer from 0, got Infinity', () => check.integer('volume', Infinity, 0)],
    ['"rate" expected a number from 0 to 1, got NaN', () => check.number('rate', Number.NaN, 0, 1)],
    ['"rate" expected a number from 0 to 1, got null', () => check.number('rate', null, 0, 1)],
    ['"rate" expected a number from 0 to 1, got "0.3"', () => check.number('rate', '0.3', 0, 1)],
    ['"speed" expected a number above 0, got 0', () => check.above('speed', 0, 0)],
    ['"name" expected a non-empty string, got ""', () => check.text('name', '')],
    ['"name" expected a non-empty string, got Map', () => check.text('name', new Map())],
    ['"on" expected true or false, got "no"', () => check.boolean('on', 'no')],
    ['"play" expected a function, got an array', () => check.function('play', [1])],
    ['"play" expected a function, or nothing, got an object', () => check.callback('play', {})],
    [
      "\"band\" expected 'am', 'fm' or 'dab', got \"lw\"",
      () => check.oneOf('band', 'lw', ['am', 'fm', 'dab']),
    ],
    ['"band" expected \'am\', got a function', () => check.oneOf('band', () => {}, ['am'])],
    [
      '"payload" expected a Uint8Array, got a string of 5 characters: use new TextEncoder().encode(text)',
      () => check.bytes('payload', 'hello'),
    ],
    [
      '"payload" expected a Uint8Array, got ArrayBuffer: use new Uint8Array(buffer)',
      () => check.bytes('payload', new ArrayBuffer(3)),
    ],
    [
      '"payload" expected a Uint8Array, got DataView: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)',
      () => check.bytes('payload', new DataView(new ArrayBuffer(3))),
    ],
    [
      '"payload" expected a Uint8Array, got an array: use Uint8Array.from(numbers)',
      () => check.bytes('payload', [1, 2]),
    ],
    [
      '"payload" expected a Uint8Array, got an object',
      () => check.bytes('payload', { [Symbol.toStringTag]: 'Uint8Array' }),
    ],
    [
      '"frame" expected an object with "payload", got Uint8Array: use map((payload) => ({ payload })) before it',
      () => check.frame(new Uint8Array(3)),
    ],
    ['"frame" expected an object with "payload", got undefined', () => check.frame(undefined)],
    [
      '"payload" expected a Uint8Array, got a string of 5 characters: use new TextEncoder().encode(text)',
      () => check.frame({ payload: 'hello' }),
    ],
    ['"restore" expected an array, or what else can be iterated, got 5', () => check.iterable('restore', 5)],
    [
      '"restore" expected an array, or what else can be iterated, got "x"',
      () => check.iterable('restore', 'x'),
    ],
    [
      '"restore" expected an array, or what else can be iterated, got an object',
      () => check.iterable('restore', {}),
    ],
    ['"epoch" expected an even number, got 3', () => check.that(false, 'epoch', 'an even number', 3)],
  ])('says %s', (message, run) => {
    expect(said(run)).toBe(message)
  })

  // X9
  it('never shows what may be secret, but its kind and length', () => {
    for (const value of ['correct horse', 1_234_567, 1_234_567n, Symbol('correct horse')]) {
      const runs = [
        () => check.bytes('key', value),
        () => check.frame(value),
        () => check.frame({ payload: value }),
        () => check.secret(false, 'cipher', 'a cipher', value),
      ]
      for (const run of runs) expect(said(run)).not.toMatch(/horse|567/)
    }
    expect(said(() => check.secret(false, 'keys', 'keys', 'correct horse'))).toBe(
      '"keys" expected keys, got a string of 13 characters',
    )
    expect(said(() => check.secret(false, 'keys', 'keys', 7))).toBe('"keys" expected keys, got a number')
  })

  it('shows no more than the beginning of a long text', () => {
    expect(said(() => check.integer('volume', 'x'.repeat(1_000_000), 0))).toHaveLength(104)
    expect(said(() => check.integer('volume', 10n ** 1_000n, 0))).toHaveLength(102)
    expect(said(() => check.integer('volume', Symbol('x'.repeat(1_000)), 0))).toHaveLength(102)
  })

  it('says something of objects that hide what they are', () => {
    const hidden = Object.create(null) as object
    expect(said(() => check.text('name', hidden))).toBe('"name" expected a non-empty string, got an object')
  })

  it('refuse a name that is nearly one they know, and say which is meant, within what', () => {
    // N11
    const known = ['epochMs', 'messagesPerEpoch', 'loss', 'writer', 'write']
    const said1 = (options: object, within?: string): unknown =>
      said(() => check.names(options, known, within))
    expect(said1({ epochMS: 1 })).toBe('there is no option "epochMS": "epochMs" is meant, perhaps')
    expect(said1({ mesagesPerEpoch: 1 }, 'rateLimit')).toBe(
      'there is no option "rateLimit.mesagesPerEpoch": "rateLimit.messagesPerEpoch" is meant, perhaps',
    )
    expect(said1({ lsos: 0.3 })).toContain('"loss" is meant')
    expect(said1({ epoch: 1 })).toContain('"epochMs" is meant')
    for (const options of [{ write: 1 }, { epochMs: undefined }, { colour: 'blue' }, { last: 1 }, {}])
      expect(() => check.names(options, known)).not.toThrow()
  })
})
