import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { devnetFile, readDevnetFile, removeDevnetFile, writeDevnetFile } from './devnet-file.ts'
import { type NetworkChoice, type NetworkFlags, chooseNetwork } from './network-options.ts'

const ADDRESS = '/ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2HAmSMCkqs21G2dSMQFUMtZofH2YpPcndyfCvgzdSgnqxiAz'

describe('chooseNetwork', () => {
  it.each<[NetworkFlags, NetworkChoice]>([
    [{ sim: true }, { kind: 'sim', loss: 0.2, seed: 1 }],
    [
      { sim: true, loss: 0, seed: 7 },
      { kind: 'sim', loss: 0, seed: 7 },
    ],
    [{ devnet: true }, { kind: 'devnet' }],
    [{ waku: [ADDRESS, ADDRESS] }, { kind: 'waku', addresses: [ADDRESS, ADDRESS] }],
    [
      { waku: [ADDRESS], cluster: 66, shards: 8 },
      { kind: 'waku', addresses: [ADDRESS], clusterId: 66, shards: 8 },
    ],
    [{ waku: ['the-waku-network'] }, { kind: 'waku', addresses: [] }],
  ])('understands %j', (options, choice) => {
    expect(chooseNetwork(options)).toEqual(choice)
  })

  it.each<[NetworkFlags, string]>([
    [{}, 'no network was chosen'],
    [{ sim: true, devnet: true }, '--sim and --devnet exclude each other'],
    [{ devnet: true, loss: 0.1 }, '--loss is not for --devnet'],
    [{ sim: true, cluster: 1 }, '--cluster is not for --sim'],
    [{ waku: ['localhost:61000'] }, '--waku expected a multiaddr, got localhost:61000'],
    [{ waku: ['the-waku-network', ADDRESS] }, 'the-waku-network is found by itself'],
  ])('refuses %j', (options, problem) => {
    expect(() => chooseNetwork(options)).toThrow(problem)
  })
})

describe('the file of a devnet', () => {
  const place = { multiaddrs: [ADDRESS], networkConfig: { clusterId: 66 }, processId: process.pid }

  it('lies in the state directory, or where it is told to', () => {
    expect(devnetFile({ env: { RC_DEVNET_FILE: '/x/y' } })).toBe('/x/y')
    expect(devnetFile({ env: { XDG_STATE_HOME: '/s' } })).toBe('/s/reliable-channels/devnet.json')
    expect(devnetFile({ env: {} })).toMatch(/\/\.local\/state\/reliable-channels\/devnet\.json$/)
  })

  it('leads to the devnet while its process runs, and to none that has ended, or that somebody made up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rc-devnet-'))
    const path = join(folder, 'inner', 'devnet.json')
    try {
      expect(await readDevnetFile(path)).toBeUndefined()
      await writeDevnetFile(path, place)
      expect(await readDevnetFile(path)).toEqual(place)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      await removeDevnetFile(path, process.pid + 1)
      expect(await readDevnetFile(path)).toEqual(place)
      await removeDevnetFile(path, process.pid)
      expect(await readDevnetFile(path)).toBeUndefined()
      // No process has so high an id.
      await writeDevnetFile(path, { ...place, processId: 2 ** 30 })
      expect(await readDevnetFile(path)).toBeUndefined()
      for (const text of ['', 'null', '{}', JSON.stringify({ ...place, multiaddrs: [] })]) {
        writeFileSync(path, text)
        expect(await readDevnetFile(path)).toBeUndefined()
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
