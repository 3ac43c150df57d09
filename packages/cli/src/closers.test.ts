import { expect, it } from 'vitest'
import { Closers } from './closers.ts'

// F8
it('closes everything, the latest first, whatever fails, and tells what could not be closed', async () => {
  const told: unknown[] = []
  const closers = new Closers({
    emit: (event, text) => told.push(event, text),
    style: (_, text) => text,
  })
  closers.add('the directory', () => void told.push('directory closed'))
  closers.add('the channel', () => Promise.reject(new Error('the disk is full')))
  closers.add('the watch', () => {
    throw new Error('no watch')
  })
  await closers[Symbol.asyncDispose]()
  expect(told).toEqual([
    { event: 'warning', code: 'not-closed', message: 'the watch could not be closed: no watch' },
    '! the watch could not be closed: no watch',
    { event: 'warning', code: 'not-closed', message: 'the channel could not be closed: the disk is full' },
    '! the channel could not be closed: the disk is full',
    'directory closed',
  ])
})
