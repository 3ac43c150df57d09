import { expect, it } from 'vitest'
import { bytesOf, group, textOf } from './group.ts'

it('a message goes on whose sender does not wait for it any more, and so does its channel', async () => {
  const { open, scheduler, close } = group()
  const [alice, bob] = [await open('alice'), await open('bob')]
  const heard: string[] = []
  bob.incoming$.subscribe(({ payload }) => heard.push(textOf(payload)))
  const signal = AbortSignal.abort(new Error('enough'))
  const sent = alice.send(bytesOf('first'))
  await expect(sent.delivered({ signal })).rejects.toThrow('enough')
  await expect(alice.history({ signal })).rejects.toThrow('enough')
  alice.send(bytesOf('second'))
  await scheduler.advance(5_000)
  expect(sent.status.state).toBe('delivered')
  expect(heard).toEqual(['first', 'second'])
  await close()
})
