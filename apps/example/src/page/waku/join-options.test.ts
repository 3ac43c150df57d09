import { describe, expect, it } from 'vitest'
import { addressProblem, addressesIn, joinDefaults, joinQuery } from './join-options.ts'

const NODE = '/ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2HAmTest'

describe('what is asked before a channel is joined', () => {
  it('comes back from the address of the page, but for the passphrase', () => {
    const options = {
      name: 'alice',
      channelId: 'hike',
      addresses: [NODE],
      clusterId: 66,
      shards: 4,
      passphrase: 'secret',
    }
    expect(joinQuery(options)).not.toContain('secret')
    expect(joinDefaults(joinQuery(options), () => 0)).toEqual({ ...options, passphrase: '' })
  })

  it('takes addresses as people paste them', () => {
    expect(addressesIn(`  "${NODE}",\n${NODE}\n`)).toEqual([NODE, NODE])
  })

  it.each([
    [[], 'the devnet prints some'],
    [['127.0.0.1:61000'], 'begins with a slash'],
    [['/ip4/127.0.0.1/tcp/61000/p2p/16Uiu2HAmTest'], 'take the address with /ws/'],
  ])('says what is wrong with %j', (addresses, text) => {
    expect(addressProblem(addresses, false)).toContain(text)
  })

  it('knows what a page from https can reach', () => {
    expect(addressProblem([NODE], true)).toBeUndefined()
    expect(addressProblem([NODE.replace('127.0.0.1', '10.0.0.1')], true)).toContain('/wss/')
  })
})
