import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { type RateLimiterEvent, rateLimit } from './index.ts'

const run = (test: Parameters<TestScheduler['run']>[0]): unknown =>
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test)

describe('rateLimit', () => {
  it('delays the excess to the next epoch and then completes', () => {
    // RTL-05
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --(abc)d|')
      const subscription = ' ^-------!'
      const paced = source.pipe(rateLimit({ enabled: true, epochMs: 10, messagesPerEpoch: 2 }))
      expectObservable(paced).toBe('--(ab)----(cd|)')
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('passes everything at once when it is off, which is the default', () => {
    run(({ cold, expectObservable }) => {
      const marbles = '(abcdef)-g-|'
      expectObservable(cold(marbles).pipe(rateLimit())).toBe(marbles)
    })
  })

  it('drops what waits when it is unsubscribed', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('(abc)-----')
      const unsubscribed = '-----!'
      const paced = source.pipe(rateLimit({ enabled: true, epochMs: 10 }))
      expectObservable(paced, unsubscribed).toBe('a----')
      expectSubscriptions(source.subscriptions).toBe('^----!')
    })
  })

  it('passes an error of the source on at once', () => {
    run(({ cold, expectObservable }) => {
      const source = cold('(abc)-#')
      expectObservable(source.pipe(rateLimit({ enabled: true, epochMs: 10 }))).toBe('a-----#')
    })
  })

  it('passes an error of the function for the fields on', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-c')
      const wrong = new Error('a bug')
      const fields = (value: string): object => {
        if (value === 'b') throw wrong
        return {}
      }
      expectObservable(source.pipe(rateLimit({ fields }))).toBe('a-#', undefined, wrong)
      expectSubscriptions(source.subscriptions).toBe('^-!')
    })
  })

  it('has a quota of its own for each subscription', () => {
    run(({ cold, expectObservable }) => {
      const paced = cold('(ab|)').pipe(rateLimit({ enabled: true, epochMs: 10 }))
      expectObservable(paced).toBe('a---------(b|)')
      expectObservable(paced).toBe('a---------(b|)')
    })
  })

  it('paces values of any kind, told their fields, and reports what it did not let out', () => {
    run(({ cold, expectObservable, flush }) => {
      const events: RateLimiterEvent[] = []
      const paced = cold('(abcd|)', { a: 1, b: 2, c: 30, d: 4 }).pipe(
        rateLimit({
          enabled: true,
          epochMs: 10,
          maxQueued: 2,
          fields: (value) => ({ priority: value > 9 ? 'critical' : 'normal' }),
          onEvent: (event) => events.push(event),
        }),
      )
      expectObservable(paced).toBe('a---------c---------(b|)', { a: 1, b: 2, c: 30 })
      flush()
      expect(events).toEqual([{ type: 'refused', channelId: '', frame: 4, reason: 'queue-full' }])
    })
  })

  it('throws at bad options when it is called, not on subscribe', () => {
    expect(() => rateLimit({ epochMs: -5 })).toThrow('"epochMs" expected an integer from 1, got -5')
  })
})
