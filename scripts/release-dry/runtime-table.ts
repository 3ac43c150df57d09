import { type Runtime, titleOf } from './runtimes.ts'

/** How the examples or the probe of one row went on one runtime. */
export interface Outcome {
  readonly row: string
  readonly runtime: string
  readonly title: string
  /** What is wrong, if anything. */
  readonly problem: string | undefined
}

const HEAD = `# Where it runs

\`npx pnpm@12 release:dry\` writes this table. It packs the packages as a release does, installs the tarballs with npm into an
empty project for each README, with no more than that README says, and runs there the examples that it shows, on each of
these. An example passes if it prints what the README says, writes nothing to stderr, and its process ends by itself within a
minute.
`

const TAIL = `
On Bun and Deno objects are shown with other quotes and line breaks than on Node.js; that counts as the same.

- **Bun** lacks the cipher ChaCha20-Poly1305 in \`node:crypto\`: it is done in TypeScript there, with the same bytes. A light
  node of your own, made with \`createLightNode\` of \`@waku/sdk\`, needs \`libp2p: { connectionEncrypters: [packedNoise()] }\` of
  \`@reliable-channels/libp2p-tuning\`: with libp2p's own noise the first message of 1,200 bytes ends the connection.
- **Deno** does not end a process by itself that made a libp2p node (\`BroadcastChannel\` has no \`unref\`). \`devnet()\` and
  \`createWakuTransport()\` mend that; before a libp2p node of your own call \`letProcessEnd()\` of
  \`@reliable-channels/libp2p-tuning\`.
- Browsers are not in this table; \`integration/browser\`, \`integration/devnet\` and \`apps/example\` are tested in Chromium.
`

/** The page that says what runs where. */
export function runtimePage(runtimes: readonly Runtime[], outcomes: readonly Outcome[]): string {
  const rows = [...new Set(outcomes.map(({ row }) => row))]
  const cells = rows.map((row) => [
    row,
    ...runtimes.map(({ name }) =>
      cellOf(outcomes.filter((outcome) => outcome.row === row && outcome.runtime === name)),
    ),
  ])
  const head = ['what is run', ...runtimes.map(titleOf)]
  return `${HEAD}\n${layOut([head, ...cells])}${failures(outcomes)}${TAIL}`
}

function cellOf(outcomes: readonly Outcome[]): string {
  const passed = outcomes.filter(({ problem }) => problem === undefined).length
  if (outcomes.length === 0) return '–'
  if (passed === outcomes.length) return outcomes.length === 1 ? 'runs' : `all ${outcomes.length} run`
  return `${passed} of ${outcomes.length} ${passed === 1 ? 'runs' : 'run'}`
}

function failures(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ problem }) => problem !== undefined)
  if (failed.length === 0) return ''
  const lines = failed.map(({ title, runtime }) => `- \`${title}\` does not run on ${runtime}.`)
  return `\n${lines.join('\n')}\n`
}

/** A table of Markdown, its columns aligned. */
function layOut([head, ...rows]: readonly (readonly string[])[]): string {
  const widths = head!.map((_, i) => Math.max(...[head!, ...rows].map((row) => row[i]!.length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''].join('\n')
}
