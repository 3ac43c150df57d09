import { describe, expect, it } from 'vitest'
import type { Diagnosis } from './diagnosis.ts'
import type { Heard } from './heard-frames.ts'
import { type ClockEvidence, judgeClock } from './judge-clock.ts'
import { judgeKey } from './judge-key.ts'
import { judgeMembers } from './judge-members.ts'

const heard = (change: Partial<Heard>): Heard => ({
  read: 0,
  plain: 0,
  members: [],
  sealed: new Map(),
  foreign: 0,
  ...change,
})

describe('judgeKey', () => {
  const theirs = new Map([['aaaaaaaa', 3]])

  it.each<[string, Partial<Heard>, string | undefined, Diagnosis['verdict'], RegExp]>([
    ['nothing was heard', {}, 'bbbbbbbb', 'unknown', /^nobody was heard/],
    ['it opens everything', { read: 4 }, 'bbbbbbbb', 'ok', /^bbbbbbbb opens all 4 messages/],
    [
      'it opens nothing',
      { sealed: theirs },
      'bbbbbbbb',
      'failed',
      /opens none of 3 messages, which are sealed with aaaaaaaa$/,
    ],
    [
      'it is right and the place is not',
      { sealed: theirs },
      'aaaaaaaa',
      'failed',
      /opens none of 3 messages/,
    ],
    [
      'the others have none',
      { read: 2, plain: 2 },
      'bbbbbbbb',
      'failed',
      /^all 2 messages of the others are in plaintext/,
    ],
    ['it opens some', { read: 1, sealed: theirs }, 'bbbbbbbb', 'warning', /opens 1 of 4 messages$/],
    ['some of the others have none', { read: 2, plain: 1 }, 'bbbbbbbb', 'warning', /opens 1 of 2 messages$/],
    ['none is needed', { read: 1, plain: 1 }, undefined, 'ok', /^none is needed: all 1 message /],
    [
      'one is needed',
      { sealed: theirs },
      undefined,
      'failed',
      /^all 3 messages are sealed \(aaaaaaaa\), and you gave none$/,
    ],
    [
      'some have one',
      { read: 1, plain: 1, sealed: theirs },
      undefined,
      'warning',
      /^3 of 4 messages are sealed/,
    ],
  ])('says when %s', (_case, change, keyId, verdict, message) => {
    expect(judgeKey(heard(change), keyId)).toMatchObject({
      check: 'key',
      verdict,
      message: expect.stringMatching(message),
    })
  })

  it('says what to do about the place when the key is right', () => {
    expect(judgeKey(heard({ sealed: theirs }), 'aaaaaaaa').hint).toContain('--topic')
    expect(judgeKey(heard({ sealed: theirs }), 'bbbbbbbb').hint).toContain('Compare the words')
  })
})

describe('judgeClock', () => {
  it.each<[ClockEvidence, Diagnosis['verdict'], string]>([
    [{ isKept: true, offsetsMs: [] }, 'ok', 'within 20 s of that of the service nodes'],
    [{ isKept: true, offsetsMs: [30_000, 31_000, -5] }, 'failed', '30 s behind those of the others'],
    [{ isKept: undefined, offsetsMs: [-3_600_000] }, 'failed', '3,600 s ahead of those of the others'],
    [
      { isKept: false, offsetsMs: [] },
      'warning',
      'more than 20 s off, perhaps: no store kept a message that was stamped now',
    ],
    [{ isKept: undefined, offsetsMs: [] }, 'unknown', 'nothing tells whether it is right'],
    [{ isKept: undefined, offsetsMs: [-2_000] }, 'ok', '2 s from those of the others'],
  ])('judges %j', (evidence, verdict, message) => {
    expect(judgeClock(evidence)).toMatchObject({ check: 'clock', verdict, message })
  })
})

describe('judgeMembers', () => {
  const now = 10 * 86_400_000
  const seen = (senderId: string, agoMs?: number): Heard['members'][number] => ({
    senderId,
    messages: 1,
    ...(agoMs !== undefined && { lastMs: now - agoMs }),
  })

  it('names who was heard, the latest first, and how long ago', () => {
    const members = [
      seen('dan'),
      seen('al\u001Bice', 3 * 86_400_000),
      seen('bob', 5_000),
      seen('carol', 120_000),
      seen('erin', 7_200_000),
    ]
    expect(judgeMembers(heard({ members }), now, 'lobby')).toEqual({
      check: 'members',
      verdict: 'ok',
      message:
        'heard: bob (just now), carol (2 min ago), erin (2 h ago), al\uFFFDice (3 d ago), dan (at some time)',
    })
  })

  it('tells nobody from somebody whom the key does not show', () => {
    expect(judgeMembers(heard({}), now, 'lobby')).toMatchObject({
      verdict: 'warning',
      message: 'nobody was heard on lobby',
    })
    expect(judgeMembers(heard({ sealed: new Map([['aaaaaaaa', 1]]) }), now, 'lobby')).toMatchObject({
      verdict: 'unknown',
    })
  })
})
