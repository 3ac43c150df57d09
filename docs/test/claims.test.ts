import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChannelOptions, lean, openChannel } from '@reliable-channels/channel'
import { aesGcm, createKeyRing, xchacha } from '@reliable-channels/encryption'
import { createMemberRing, newSigningKey, signed } from '@reliable-channels/encryption/signing'
import { segmentAll } from '@reliable-channels/segmentation'
import { maxPayloadBytes } from '@reliable-channels/segmentation/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { PRESETS } from '../../apps/example/src/page/world/presets.ts'
import { PROJECT_ROOT, publishedPackages, readManifest, sourceFiles } from '../../scripts/project.ts'
import { RUNTIMES } from '../../scripts/release-dry/runtimes.ts'

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')

/** The value of `const NAME = …` of a number in a source file. */
function constant(path: string, name: string): number {
  const [, value] = new RegExp(`\\bconst ${name}(?:: number)? = ([\\d_]+)\n`).exec(read(path))!
  return Number(value!.replaceAll('_', ''))
}

/** The Node.js that a package asks for. */
const nodeOf = (name: string): string => readManifest(join(PROJECT_ROOT, 'packages', name)).engines!.node!

/** What a page quotes of what a program prints, as lines of cells. */
const printed = (page: string, program: string): string[][] =>
  new RegExp(`<!-- output: \\S*${program} -->\\s*\`\`\`text\n([^\`]*)`)
    .exec(read(`docs/pages/${page}.md`))![1]!
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/))

/** Bytes on the wire of a message of 100 bytes, by profile, as the page of sizes prints them. */
const smallMessage = (profile: string): number =>
  Number(
    printed('understand/sizes-and-costs', 'sizes.ts')
      .find(([name]) => name!.startsWith(profile))!
      .at(-3)!,
  )

/** Bytes on the wire of messages of 100 bytes, one after the other, in a conversation of two. */
async function conversation(options: Partial<ChannelOptions>): Promise<readonly number[]> {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const members = await Promise.all(
    ['alice', 'bob'].map((senderId) =>
      openChannel({
        channelId: 'lobby',
        contentTopic: '/my-app/1/lobby/proto',
        senderId,
        transport: network.peer(senderId),
        scheduler,
        ...options,
      }),
    ),
  )
  const sizes: number[] = []
  for (const { outgoing$ } of members)
    outgoing$.subscribe(({ envelope, kind }) => kind === 'content' && sizes.push(envelope.payload.length))
  for (let i = 0; i < 12; i++) {
    members[i % 2]!.send(new Uint8Array(100).fill(i))
    await scheduler.advance(3_000)
  }
  const closing = Promise.all(members.map((member) => member.close()))
  await scheduler.advance(10_000)
  await closing
  return sizes
}

/** What a message of 100 bytes weighs in a conversation, in kB as pages say it. */
const settledKb = async (options: Partial<ChannelOptions>, digits: number): Promise<string> =>
  ((await conversation(options)).at(-1)! / 1_000).toFixed(digits)

/** How many segments a payload has: of data, and of parity. */
async function countsOf(bytes: number, parityRate = 0): Promise<number[]> {
  const segments = await segmentAll(new Uint8Array(bytes).fill(1), { parityRate })
  return [segments[0]!.segment.dataCount, segments[0]!.segment.parityCount]
}

const KEY = new Uint8Array(32).fill(7)

/** The lines of the timeline of a lost message: when, who, what. */
const timeline = [...read('packages/sds/README.md').matchAll(/^ {4}(\d\.\d{3}) {2}(\S+) +(.*)$/gm)].map(
  ([, at, who, what]) => ({ at, who, what: what! }),
)
/** How many messages a part of a line of the timeline names. */
const named = (at: string, after: string, before = '\n'): number =>
  timeline
    .filter((line) => line.at === at)
    .map(({ what }) => `${what}\n`.split(after)[1]!.split(before)[0]!.match(/#\d+/g)!.length)[0]!

const CODE = (path: string, text: string) => (): void => expect(read(path)).toContain(text)
const SDS_DEFAULTS = 'packages/sds/src/core/defaults.ts'

/** Each figure that a page states in words of its own, and what it is taken from. */
const CLAIMS: Readonly<Record<string, Readonly<Record<string, () => void | Promise<void>>>>> = {
  index: {
    'Messages up to 26 MB': () => expect(Math.floor(maxPayloadBytes() / 1e6)).toBe(26),
    'takes 150 kB at a time': () =>
      expect(constant('packages/transport-waku/src/core/size.ts', 'MAX_GOSSIP_BYTES')).toBe(150 * 1_024),
    'a thousand conversations': () =>
      expect(printed('guides/thousand-channels', 'thousand-channels.ts')[0]).toEqual([
        '1000 channels are open',
      ]),
    'seven networks to try': () => expect(PRESETS).toHaveLength(7),
  },
  'start/quick-start': {
    'loses three messages in ten': CODE('packages/channel/examples/quick-start.ts', 'loss: 0.3'),
    'Node.js 22.18 or newer, which runs TypeScript files as they are': () => {
      const [oldest] = RUNTIMES.filter(({ package: name }) => name === 'node')
      expect(oldest!.version).toMatch(/^22\.(1[89]|[2-9]\d)\./)
      expect(oldest!.flags).toEqual([])
    },
    'version 0.1.0 is not in the npm registry yet': () => {
      for (const { manifest } of publishedPackages(PROJECT_ROOT))
        expect(manifest.version).toMatch(/^0\.[01]\.0$/)
    },
    '`npx @reliable-channels/cli devnet`, which is ` devnet` in the project': () => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<'rc' | 'devnet', string> }
      expect(scripts.devnet).toBe(`${scripts.rc} devnet`)
    },
    '`networkConfig: { clusterId: 66, numShardsInCluster: 8 }`': () => {
      const options = read('packages/waku-devnet/src/options.ts')
      expect(options).toContain('clusterId = 66,')
      expect(read('packages/waku-devnet/src/cli.test.ts')).toContain(
        'networkConfig: { clusterId: 66, numShardsInCluster: 8 }',
      )
    },
  },
  'start/see-it': {
    'loses three messages in ten': CODE('docs/pages/start/see-it.md', 'demo photo.jpg --loss 0.3'),
  },
  'start/choose-your-way': {
    'Node.js 20.19 or newer': () => expect(nodeOf('channel')).toBe('>=20.19'),
    'Node.js 22.12, since `@waku/sdk` asks for 22': () => expect(nodeOf('transport-waku')).toBe('>=22.12'),
    'takes 150 kB at a time and loses every seventh message': CODE(
      'packages/segmentation/examples/picture.ts',
      'i % 7 !== 0',
    ),
    '[A thousand channels]': () => {},
  },
  'guides/chat': {
    'three messages in ten twice': CODE('docs/examples/chat.ts', 'duplicate: 0.3'),
    'holds three in ten back': CODE('docs/examples/chat.ts', 'reorder: 0.3'),
    'Give it `loss: 0.2`, and one in five is lost': () => expect(1 / 5).toBe(0.2),
    'with 32 random bytes': () => {
      expect(() => xchacha({ key: new Uint8Array(32).fill(1) })).not.toThrow()
      expect(() => xchacha({ key: new Uint8Array(31).fill(1) })).toThrow(/32/)
    },
  },
  'guides/command-line': {
    'loses one message in five': CODE('packages/cli/src/network/network-options.ts', 'loss: loss ?? 0.2'),
  },
  'guides/devices': {
    'within five seconds': () => {
      const of = (name: string): number => constant('packages/channel/src/tabs/election.ts', name)
      expect(of('BEAT_MS') + of('SILENT_MS') + of('ANSWER_MS') + of('SPREAD_MS')).toBeLessThan(5_000)
    },
  },
  'guides/ending': {
    'from version 24 on': () => {
      const { devDependencies } = readManifest(PROJECT_ROOT)
      // This runs what the page shows; `readme-examples` compares what it prints.
      expect(devDependencies!['node']).toMatch(/^24\./)
      expect(read('docs/examples/ending.ts')).toContain('await using ')
    },
  },
  'guides/files': {
    'With `parityRate: 0.25` any 20 of the 25 segments': async () =>
      expect(await countsOf(2_000_000, 0.25)).toEqual([20, 5]),
    '256 segments, which is 26 MB with the default size': async () => {
      expect(await countsOf(maxPayloadBytes())).toEqual([256, 0])
      expect(Math.floor(maxPayloadBytes() / 1e6)).toBe(26)
    },
  },
  'guides/from-waku-sdk': {
    'messages up to 26 MB': () => expect(Math.floor(maxPayloadBytes() / 1e6)).toBe(26),
    'with three of ten pushes to members dropped': CODE(
      'integration/waku/profiles.test.ts',
      'dropFilterPush: 0.3',
    ),
  },
  'guides/key-rotation': {
    'up to 64 keys': () => {
      const keys = Array.from({ length: 65 }, (_, i) => new Uint8Array(32).fill(i + 1))
      expect(() => createKeyRing({ keys: keys.slice(1) })).not.toThrow()
      expect(() => createKeyRing({ keys })).toThrow(/64/)
    },
  },
  'guides/react': {
    'the latest 1,000': () => expect(constant('packages/react/src/message-list.ts', 'MOST')).toBe(1_000),
  },
  'guides/thousand-channels': {
    'one of a thousand': CODE('ARCHITECTURE.md', 'opening one of 1,000 channels'),
    'when a thousand are open': CODE('ARCHITECTURE.md', 'the same with 1,000 channels on each node'),
  },
  'guides/tuning': {
    'for a fifth more bytes': () => {
      const rows = printed('guides/tuning', 'tuning.ts')
      const kilobytes = (name: string): number => Number(rows.find(([first]) => first === name)!.at(-1))
      expect(kilobytes('parity 20 %') / kilobytes('as it is')).toBeCloseTo(1.2, 1)
    },
    '1.4 kB for 100 bytes instead of 19': async () => {
      expect(await settledKb({ profile: lean }, 1)).toBe('1.4')
      expect(await settledKb({}, 0)).toBe('19')
    },
    'how long half, 95 and 99 of 100 took': CODE(
      'integration/simulate/report.ts',
      '`delay ${seconds(p50)} / ${seconds(p95)} / ${seconds(p99)}`',
    ),
  },
  'understand/guarantees': {
    'Keccak-256': CODE('packages/segmentation/src/core/segmenter.ts', '@reliable-channels/keccak'),
    'until he has spoken for ten minutes': CODE(
      'packages/channel/README.md',
      'of one whose clock was set back as well it takes ten minutes',
    ),
  },
  'understand/lost-message': {
    'Alice sends Bob 3 MB: 30 messages of 121 kB': CODE(
      'packages/sds/README.md',
      'alice sends 3 MB,\n30 messages of 121 kB',
    ),
    'The network loses three in ten, and takes a tenth of a second': CODE(
      'packages/sds/README.md',
      'loses three frames in ten and takes about 0.1 s',
    ),
    'all 30 leave. Nine of them are lost': () => {
      expect(timeline[0]!.what).toContain('content #1 … #30')
      expect(named('0.000', 'LOST')).toBe(9)
    },
    'By 0.122 all nine are known': () =>
      expect(named('0.101', 'missing') + named('0.122', 'missing')).toBe(9),
    'a tenth of a second later, one message asks for all nine': () => {
      expect(named('0.221', 'asks for')).toBe(9)
      expect(0.221 - 0.122).toBeCloseTo(0.1, 2)
    },
    'sends eight of them again. Three copies': () => {
      expect(named('0.314', 'again', 'LOST')).toBe(8)
      expect(named('0.314', 'LOST')).toBe(3)
    },
    'sends it unasked': () => expect(named('0.652', 'again')).toBeGreaterThan(0),
    'Alice knows that they arrived': () =>
      expect(timeline.find(({ at }) => at === '1.064')).toEqual({
        at: '1.064',
        who: 'alice',
        what: '= delivered to member-0',
      }),
    'fetches two messages': () => expect(named('0.623', 'fetches')).toBe(2),
    'in the filter of 0.580': () => expect(named('0.580', 'acknowledges')).toBeGreaterThan(0),
    'the 3 MB are whole': () =>
      expect(timeline.find(({ at }) => at === '0.767')?.what).toBe('= has 3000000 B of alice'),
    'After twelve in vain': CODE(SDS_DEFAULTS, 'maxRetransmissions: 12'),
    'a group of fifty does not answer fifty times': CODE('ARCHITECTURE.md', 'group of 50, for each delivery'),
    'after fifteen minutes': () => {
      expect(read(SDS_DEFAULTS)).toContain('lostAfterMs: Math.max(600_000, 3 * repair.tMaxMs)')
      expect(read(SDS_DEFAULTS)).toContain('tMaxMs: 300_000')
    },
  },
  'understand/pipeline': {
    'five steps on its way out and five on its way in': () => {
      const [out, back] = ['outgoing', 'incoming'].map(
        (way) => new RegExp(`^${way} .*`, 'm').exec(read('README.md'))![0].match(/→/g)!.length,
      )
      // What is counted is what happens between the bytes and the transport; dispatch is one, and so is receiving.
      expect([out, back! + 1]).toEqual([5, 5])
    },
    'The network takes 150 kB at most': () =>
      expect(constant('packages/transport-waku/src/core/size.ts', 'MAX_GOSSIP_BYTES')).toBe(150 * 1_024),
    'segments of 102,400 bytes': async () => {
      const [first] = await segmentAll(new Uint8Array(1_000_000).fill(1))
      expect(first!.payload.length).toBeLessThanOrEqual(102_400)
      expect(first!.payload.length).toBeGreaterThan(102_300)
    },
  },
  'understand/runtimes': {
    'and on Node.js, Bun and Deno': () => {
      const [head] = /^\| what is run.*$/m.exec(read('RUNTIMES.md'))!
      for (const { name, version } of RUNTIMES) expect(head).toContain(`${name.split(' ')[0]} ${version}`)
      expect(new Set(RUNTIMES.map((runtime) => runtime.package))).toEqual(new Set(['node', 'bun', 'deno']))
    },
    'must be 20.19 or newer': () => {
      const asked = publishedPackages(PROJECT_ROOT).map(({ manifest }) => manifest.engines!.node!)
      expect(new Set(asked)).toEqual(new Set(['>=20.19', '>=22.12']))
    },
    '22.12 or newer for what needs libp2p: the transport over Waku, the devnet and the command line': () =>
      expect(['transport-waku', 'waku-devnet', 'cli'].map((name) => nodeOf(name))).toEqual(
        Array(3).fill('>=22.12'),
      ),
  },
  'understand/sizes-and-costs': {
    'then 100 bytes are 1.4 kB with `lean`': async () =>
      expect(await settledKb({ profile: lean }, 1)).toBe('1.4'),
  },
  'understand/wire-formats': {
    'less than a tenth of the bytes': () =>
      expect(smallMessage('lean') / smallMessage('lip, the default')).toBeLessThan(0.1),
    'told by field 2: it holds text in `lip` and a number in `nim`': () => {
      const seconds = printed('understand/wire-formats', 'wire-fields.ts').filter(
        ([number]) => number === '2',
      )
      expect(seconds.map(([, name]) => name)).toEqual([
        'message id',
        'payload length',
        'Lamport timestamp',
        'payload length',
      ])
    },
    'LIP-243': CODE('packages/segmentation/README.md', "'lip-243'"),
    'a header of six bytes': () =>
      expect(constant('packages/encryption/src/core/header.ts', 'HEADER_BYTES')).toBe(6),
  },
}

/** What READMEs state that neither their examples nor the tests of their packages hold. */
const README_CLAIMS: Readonly<Record<string, Readonly<Record<string, () => void | Promise<void>>>>> = {
  'README.md': {
    'messages of 1.4 kB, not 19': async () => {
      expect(await settledKb({ profile: lean }, 1)).toBe('1.4')
      expect(await settledKb({}, 0)).toBe('19')
    },
  },
  'apps/example/README.md': {
    'below 150 kB compressed': CODE('apps/example/test/page/page.test.ts', 'FIRST_LOAD_BYTES = 150_000'),
  },
  'packages/cli/README.md': {
    'files have 26 MB at most': () => expect(Math.floor(maxPayloadBytes() / 1e6)).toBe(26),
  },
  'packages/encryption/README.md': {
    'random nonces of 192 bits, 46 bytes': () => {
      const { overheadBytes } = xchacha({ key: KEY })
      expect(overheadBytes).toBe(46)
      // The header, the nonce, and the tag.
      expect(overheadBytes).toBe(6 + 192 / 8 + 16)
    },
    'random nonces of 96 bits, 34 bytes': () => {
      const { overheadBytes } = aesGcm({ key: KEY })
      expect(overheadBytes).toBe(34)
      expect(overheadBytes).toBe(6 + 96 / 8 + 16)
    },
    'grows by 74 bytes': () => {
      const { secretKey, publicKey } = newSigningKey()
      const inner = xchacha({ key: KEY })
      const { overheadBytes } = signed(inner, { secretKey, members: createMemberRing({ alice: publicKey }) })
      expect(overheadBytes - inner.overheadBytes).toBe(74)
    },
  },
  'packages/sds/README.md': {
    'turns, 350 ms each': () =>
      expect(constant('packages/sds/src/core/parts/turn-order.ts', 'SLOT_MS')).toBe(350),
    'up to 6 kB of ids': () =>
      expect(constant('packages/sds/src/core/parts/repair-requests.ts', 'MOST_BYTES')).toBe(6 * 1_024),
  },
}

describe.each(Object.entries(README_CLAIMS))('the figures of %s', (path, claims) => {
  it.each(Object.entries(claims))('are right: %s', async (words, holds) => {
    expect(read(path).replaceAll(/\s+/g, ' ')).toContain(words)
    await holds()
  })
})

const FIGURE =
  /\d|\b(?:five|six|seven|eight|nine|ten|twelve|fifteen|twenty|fifty|thousand|fifth|tenth|seventh)\b/i

/** What a page says in words of its own: without programs, what they print, headings, marks and targets of links. */
const proseOf = (markdown: string): string =>
  markdown
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/<[^>]*>/gs, '')
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replaceAll(/^\d+\. /gm, '')
    .replaceAll('npx pnpm@12', '')
    .replaceAll('**', '')
    .replaceAll(/\s+/g, ' ')

const pages = sourceFiles(join(PROJECT_ROOT, 'docs/pages'), '**/*.md').map((path) =>
  path.replace(/\.md$/, ''),
)

describe.each(pages)('the figures of %s', (page) => {
  const claims = Object.entries(CLAIMS[page] ?? {})
  const prose = proseOf(read(`docs/pages/${page}.md`))

  it.each(claims)('are right: %s', async (words, holds) => {
    expect(prose).toContain(words)
    await holds()
  })

  it('are all held by something', () => {
    let rest = prose
    for (const [words] of claims) rest = rest.replaceAll(words, '')
    // Moments of the timeline have a test of their own.
    if (page === 'understand/lost-message') rest = rest.replaceAll(/\b\d\.\d{3}\b/g, '')
    expect(rest.split(/(?<=[.:!?|]) /).filter((sentence) => FIGURE.test(sentence))).toEqual([])
  })
})
