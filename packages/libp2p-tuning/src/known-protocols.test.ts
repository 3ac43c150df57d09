import { describe, expect, it } from 'vitest'

import { noteProtocolsOnce } from './known-protocols.ts'

/** A peer store that counts what it is told, and fails when asked to. */
function fakeStore() {
  const told: unknown[] = []
  let broken = false
  const store = {
    merge: (_peer: object, data: object) => {
      told.push(data)
      return broken ? Promise.reject(new Error('broken')) : Promise.resolve({})
    },
  }
  noteProtocolsOnce(store)
  return { store, told, setBroken: (is: boolean) => (broken = is) }
}

const peer = (): object => ({})

describe('the protocols of a peer', () => {
  it('are noted once each, for each peer', async () => {
    const { store, told } = fakeStore()
    const [one, other] = [peer(), peer()]
    for (let i = 0; i < 3; i++) {
      await store.merge(one, { protocols: ['/a'] })
      await store.merge(one, { protocols: ['/b'] })
      await store.merge(other, { protocols: ['/a'] })
    }
    expect(told).toEqual([{ protocols: ['/a'] }, { protocols: ['/b'] }, { protocols: ['/a'] }])
  })

  it('are noted each time together with anything else', async () => {
    const { store, told } = fakeStore()
    const one = peer()
    for (let i = 0; i < 2; i++) {
      await store.merge(one, { protocols: ['/a'], multiaddrs: [] })
      await store.merge(one, { protocols: ['/a', '/b'] })
      await store.merge(one, {})
    }
    expect(told).toHaveLength(6)
  })

  it('are noted once more when that failed', async () => {
    const { store, told, setBroken } = fakeStore()
    const one = peer()
    setBroken(true)
    await expect(store.merge(one, { protocols: ['/a'] })).rejects.toThrow('broken')
    setBroken(false)
    await store.merge(one, { protocols: ['/a'] })
    expect(told).toHaveLength(2)
  })
})
