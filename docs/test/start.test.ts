import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { openChannel } from '@reliable-channels/channel'
import { type TrafficEvent, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { packageOf, parseSource } from '../../scripts/imports.ts'
import { PROJECT_ROOT, SCOPE, publishedPackages, readManifest } from '../../scripts/project.ts'

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')

describe('the quick start', () => {
  it('loses the first copy, sends another a second later, and that one is acknowledged', async () => {
    const scheduler = virtualTime()
    // As packages/channel/examples/quick-start.ts has it.
    const network = simulatedNetwork({ seed: 13, loss: 0.3, scheduler })
    const traffic: TrafficEvent[] = []
    network.traffic$.subscribe((event) => traffic.push(event))
    const channel = { channelId: 'demo', contentTopic: '/demo/1/chat/proto', scheduler }
    const alice = await openChannel({ ...channel, senderId: 'alice', transport: network.peer('alice') })
    await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })
    const sent = alice.send(new TextEncoder().encode('hello through 30 % loss'))
    await scheduler.run({ until: () => sent.status.state === 'delivered', maxMs: 10_000 })
    expect(sent.status.deliveredTo).toEqual(['bob'])
    const toBob = traffic.filter(({ from, to }) => from === 'alice' && to === 'bob')
    expect(toBob.slice(0, 2).map(({ type }) => type)).toEqual(['lost', 'delivered'])
    expect(Math.round((toBob[1]!.atMs - toBob[0]!.atMs) / 1_000)).toBe(1)
  })
})

describe('the tarballs', () => {
  it('bring Waku with them', () => {
    const { dependencies } = readManifest(join(PROJECT_ROOT, 'packages/cli'))
    expect(dependencies).toHaveProperty('@waku/sdk')
  })
})

describe('the packages', () => {
  it('are ES modules with types, and those of a step have its core beside the operators', () => {
    for (const { manifest } of publishedPackages(PROJECT_ROOT)) {
      const { type, exports = {} } = manifest as typeof manifest & { readonly type: string }
      expect(type).toBe('module')
      for (const [name, entry] of Object.entries(exports))
        if (name !== './package.json') expect(entry).toHaveProperty('types')
    }
    for (const name of ['segmentation', 'sds', 'rate-limit', 'encryption'])
      expect(readManifest(join(PROJECT_ROOT, 'packages', name)).exports).toHaveProperty('./core')
  })

  it('for Waku ask for a newer Node.js, since @waku/sdk does', () => {
    const sdk = readManifest(join(PROJECT_ROOT, 'packages/transport-waku/node_modules/@waku/sdk'))
    expect(sdk.engines?.node).toBe('>=22')
  })
})

describe('the page of the example', () => {
  it('is at an address of this machine, which is printed', () => {
    expect(read('apps/example/src/serve/main.ts')).toMatch(/console\.log\(`the page is at .*127\.0\.0\.1/)
  })
})

describe('the table of ways', () => {
  const rows = [
    ...read('docs/pages/start/choose-your-way.md').matchAll(/^\| (?!you build|---)(.*) \|$/gm),
  ].map(([, row]) => row!.split(' | ').map((cell) => cell.trim()))
  /** The first program that a guide quotes: it is what its reader begins with. */
  const imported = (guide: string): string[] => {
    const [, path] = /^<!-- example: ([^\s#]+)/m.exec(read(guide))!
    const file = posix.join(dirname(guide), path!)
    return parseSource(file, read(file)).imports.flatMap(({ specifier }) => packageOf(specifier) ?? [])
  }

  it.each(rows)('has %s install what its guide begins with: %s', (_, installs, reads) => {
    const [, guide] = /\((\.\.\/guides\/.*)\)/.exec(reads) ?? []
    const names = [...installs.matchAll(/`([^`]*)`/g)].map(([, name]) =>
      name!.includes('/') ? name! : `${SCOPE}${name!}`,
    )
    const manifests = names
      .filter((name) => name.startsWith(SCOPE))
      .map((name) => readManifest(join(PROJECT_ROOT, 'packages', name.slice(SCOPE.length))))
    expect(
      manifests.some(({ peerDependencies }) => peerDependencies !== undefined && 'rxjs' in peerDependencies),
    ).toBe(true)
    if (guide === undefined) return
    // Guides run on the simulator; the channel is there where somebody tests what has one.
    const own = imported(posix.join('docs/pages/start', guide)).filter((name) => name.startsWith(SCOPE))
    expect([...names, `${SCOPE}simulator`, `${SCOPE}channel`]).toEqual(expect.arrayContaining(own))
  })
})
