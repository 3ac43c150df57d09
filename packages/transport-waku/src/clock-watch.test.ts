import { expect, it } from 'vitest'
import { TOPIC, fakeTransport } from '../test/fake-transport.ts'
import { inFakeTime } from '../test/fake-time.ts'

const pass = inFakeTime()

it('suspects the clock when messages are taken and no store keeps them, and says when that is over', async () => {
  const fake = fakeTransport()
  const node = fake.services.add('one')
  node.keepsNothing = true
  await fake.send('x')
  await pass(20_000)
  expect(fake.diagnosed('clock-suspect')).toMatchObject([
    { evidence: 'not-stored', message: expect.stringContaining('clock of this machine') },
  ])
  node.keepsNothing = false
  await pass(30_000)
  await fake.send('y')
  await pass(10_000)
  expect(fake.diagnosed('clock-fine')).toHaveLength(1)
  expect(fake.diagnosed('clock-suspect')).toHaveLength(1)
})

it('suspects nothing while stores keep messages, or none answers, and looks rarely', async () => {
  const fake = fakeTransport()
  const node = fake.services.add('one')
  for (let i = 0; i < 100; i++) await fake.send(`${i}`)
  await pass(120_000)
  expect(node.queries).toHaveLength(1)
  const storeless = fakeTransport()
  storeless.services.add('one', ['lightPush', 'filter'])
  await storeless.send('x')
  await pass(120_000)
  for (const { diagnosed } of [fake, storeless]) expect(diagnosed('clock-suspect')).toEqual([])
})

it('says by how much others are ahead when what has just arrived is of another time', async () => {
  const fake = fakeTransport()
  fake.services.add('one')
  await Promise.all([fake.transport.subscribe(TOPIC), pass(50)])
  const deliver = (offsetMs: number): void => {
    const timestampNs = BigInt(Date.now() + offsetMs) * 1_000_000n
    fake.services.deliver({ contentTopic: TOPIC, payload: new Uint8Array(1), ephemeral: false, timestampNs })
  }
  for (let i = 0; i < 5; i++) deliver(300_000 + i)
  expect(fake.diagnosed('clock-suspect')).toMatchObject([
    { evidence: 'received', message: expect.stringContaining('300 s ahead') },
  ])
  for (let i = 0; i < 9; i++) deliver(i)
  expect(fake.diagnosed('clock-fine')).toHaveLength(1)
})
