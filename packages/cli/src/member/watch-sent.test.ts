import { Subject } from 'rxjs'
import { expect, it } from 'vitest'
import { watchSent } from './watch-sent.ts'

// F3
it('tells once that it could not be kept who has a message', async () => {
  const receipts$ = new Subject<readonly string[]>()
  const told: unknown[] = []
  watchSent(
    {
      message: { id: 'r', text: 'hello' },
      handle: { requestId: 'r', receipts$ },
      status$: new Subject(),
    } as never,
    {
      log: { put: () => Promise.reject(new Error('the log of the chat did not answer within 30000 ms')) },
    } as never,
    { emit: (event: unknown) => told.push(event), style: (_: unknown, text: string) => text } as never,
  )
  receipts$.next(['bob'])
  receipts$.next(['bob', 'carol'])
  await Promise.resolve()
  await Promise.resolve()
  const message =
    'who has a message could not be kept (the log of the chat did not answer within 30000 ms): it is not shown the next time'
  expect(told).toEqual([
    { event: 'receipts', requestId: 'r', names: ['bob'] },
    { event: 'receipts', requestId: 'r', names: ['bob', 'carol'] },
    { event: 'warning', code: 'not-kept', message },
  ])
})
