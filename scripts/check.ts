import { parseArgs } from 'node:util'
import { type Gate, runGates } from './gates.ts'

const script = (name: string): string[] => ['node', `scripts/${name}.ts`]

/** The gates that a change must pass, the quickest first; those that look at `dist` come after `build`. */
const gates: readonly Gate[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint'] },
  { name: 'layers', command: script('layers') },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'requirements', command: script('requirements') },
  { name: 'readme', command: script('readme-examples') },
  { name: 'needs', command: script('readme-needs') },
  { name: 'limits', command: script('limits') },
  { name: 'decisions', command: script('decisions') },
  { name: 'paths', command: script('named-paths') },
  { name: 'claims', command: ['node', 'docs/build/claims/main.ts'] },
  { name: 'knip', command: ['knip', '--no-config-hints'] },
  { name: 'docs', command: ['node', `--conditions=@reliable-channels/source`, 'docs/build/main.ts'] },
  { name: 'test', command: ['vitest', 'run'], alone: true },
  { name: 'build', command: ['turbo', 'run', 'build', '--output-logs=errors-only'], alone: true },
  { name: 'publint', command: script('publint') },
  { name: 'attw', command: script('attw') },
  { name: 'size', command: ['size-limit'] },
  { name: 'packed', command: script('packed') },
]

const usage = `pnpm check [--skip NAME]… [--only NAME…]…, where NAME is one of ${gates.map(({ name }) => name).join(', ')}`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      skip: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  // `--only` may be followed by several.
  const named = [...values.only, ...positionals]
  const only = named.length > 0 ? named : gates.map(({ name }) => name)
  const unknown = [...values.skip, ...only].filter((name) => !gates.some((gate) => gate.name === name))
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `no gate "${unknown.join('", "')}": ${usage}` : usage)
    return unknown.length > 0 ? 2 : 0
  }
  const chosen = gates.filter(({ name }) => only.includes(name) && !values.skip.includes(name))
  const outcomes = await runGates(chosen, (line) => console.log(line))
  const failed = outcomes.filter(({ passed }) => !passed)
  console.log(`${outcomes.length - failed.length} gates passed, ${failed.length} gates failed`)
  return failed.length > 0 ? 1 : 0
}

process.exitCode = await main()
