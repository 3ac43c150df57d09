import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { type Packed, inTemporaryFolder, packPublished } from './pack.ts'

/** What every tarball holds. */
const EXPECTED = [
  'README.md',
  'LICENSE-MIT',
  'LICENSE-APACHE',
  'package.json',
  'dist/index.js',
  'dist/index.d.ts',
]
const UNWANTED = /\.test\.|\.bench\.|\.tsbuildinfo$|^(test|scripts|examples)\//

/** What is wrong with the files of a tarball. */
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

async function main(): Promise<void> {
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
