import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inTemporaryFolder } from '../pack.ts'
import { endAll } from './run-command.ts'
import { runSteps } from './run-steps.ts'
import { type Release, STEPS, keepTarballs } from './steps.ts'

/** Longest release, ms. @limit What runs is ended, and the release has failed. */
const LIMIT_MS = 120 * 60_000

const usage = `pnpm release:dry [--keep FOLDER] [--packed]

Does all that a release does but publishing, and tries the tarballs as strangers would.

  --keep FOLDER  leaves the tarballs there: \`npm install FOLDER/*.tgz\` has them all
  --packed       ends when they are packed`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      keep: { type: 'string' },
      packed: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const over = (why: string): never => {
    endAll()
    console.log(why)
    process.exit(1)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over(`ended by ${signal}`))
  setTimeout(() => over(`did not end within ${LIMIT_MS / 60_000} minutes`), LIMIT_MS).unref()
  return inTemporaryFolder('release', async (folder) => {
    const release: Release = { folder, packed: [], runtimes: [], outcomes: [] }
    const isLast = STEPS.findIndex(({ name }) => name === 'pack')
    const steps = values.packed ? STEPS.slice(0, isLast + 1) : STEPS
    const passed = await runSteps(steps, release, (line) => console.log(line))
    if (values.keep !== undefined && release.packed.length > 0) {
      keepTarballs(release, resolve(values.keep))
      console.log(`${release.packed.length} tarballs are in ${resolve(values.keep)}`)
    }
    console.log(passed ? 'the release is good' : 'the release FAILED')
    return passed ? 0 : 1
  })
}

process.exitCode = await main()
