import { expect, it } from 'vitest'
import type { ConnectionProblem } from '@reliable-channels/transport'
import { BehaviorSubject } from 'rxjs'
import { fakeTransport } from '../../test/fake-transport.ts'
import { openFake } from '../../test/open-fake.ts'
import type { ChannelConnection } from './connection.ts'

it('a channel tells why messages cannot flow, as soon as the transport knows', async () => {
  // N5
  const connectionProblem$ = new BehaviorSubject<ConnectionProblem | undefined>(undefined)
  const transport = Object.assign(fakeTransport(), { connectionProblem$ })
  transport.connection$.next('connecting')
  const { channel } = await openFake({ transport })
  const seen: ChannelConnection[] = []
  channel.connection$.subscribe((connection) => seen.push(connection))
  const problem = { reason: 'unreachable', message: 'nobody answers at /dns4/nowhere: check the address' }
  connectionProblem$.next(problem)
  transport.connection$.next('connected')
  connectionProblem$.next(undefined)
  expect(seen).toEqual([{ state: 'connecting' }, { state: 'connecting', problem }, { state: 'connected' }])
  await channel.close()
})

it('a closed channel watches the connection no longer, whoever still watches the channel', async () => {
  const transport = fakeTransport()
  const { channel } = await openFake({ transport })
  const ended: string[] = []
  channel.connection$.subscribe({ complete: () => ended.push('connection') })
  channel.health$.subscribe({ complete: () => ended.push('health') })
  await channel.close()
  expect(ended).toEqual(['connection', 'health'])
  expect(transport.connection$.observed).toBe(false)
  channel.health$.subscribe({ complete: () => ended.push('late') })
  expect(ended).toEqual(['connection', 'health', 'late'])
})
