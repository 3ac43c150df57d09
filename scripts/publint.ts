import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { type Packed, inTemporaryFolder, packPublished } from './pack.ts'
import { PROJECT_ROOT, publishedPackages } from './project.ts'

/** Files that every tarball holds. */
const EXPECTED = [
  'README.md',
  'LICENSE-MIT',
  'LICENSE-APACHE',
  'package.json',
  'dist/index.js',
  'dist/index.d.ts',
]
const UNWANTED = /\.test\.|\.bench\.|\.tsbuildinfo$|^(test|scripts|examples)\//

/** Says what is wrong with the files of a tarball. */
export function fileProblems(files: readonly string[]): string[] {
  return [
    ...EXPECTED.filter((file) => !files.includes(file)).map((file) => `lacks ${file}`),
    ...files.filter((file) => UNWANTED.test(file)).map((file) => `should not hold ${file}`),
  ]
}

async function problems({ tarball }: Packed): Promise<string[]> {
  const bytes = readFileSync(tarball)
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
  })
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('/'))
    .map((line) => line.replace(/^package\//, ''))
  return [
    ...messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code),
    ...fileProblems(files),
  ]
}

/** The published packages that a release would leave out: with no changelog yet, and in no changeset. */
export function unreleased(root: string): string[] {
  const changesets = globSync('.changeset/*.md', { cwd: root }).map((path) =>
    readFileSync(join(root, path), 'utf8'),
  )
  return publishedPackages(root)
    .filter(({ folder }) => !existsSync(join(root, folder, 'CHANGELOG.md')))
    .map(({ manifest }) => manifest.name)
    .filter((name) => !changesets.some((text) => text.includes(`'${name}':`)))
}

async function main(): Promise<void> {
  for (const name of unreleased(PROJECT_ROOT)) {
    console.log(`${name}: has neither a changelog nor a changeset`)
    process.exitCode = 1
  }
  await inTemporaryFolder('publint', async (folder) => {
    for (const packed of packPublished(folder)) {
      for (const problem of await problems(packed)) {
        console.log(`${packed.manifest.name}: ${problem}`)
        process.exitCode = 1
      }
    }
  })
}

if (import.meta.main) await main()
