import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { inTemporaryFolder, packPublished } from './pack.ts'
import { PROJECT_ROOT } from './project.ts'

await inTemporaryFolder('attw', (folder) => {
  for (const { manifest, tarball } of packPublished(folder)) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(PROJECT_ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js'),
        tarball,
        '--profile=esm-only',
        '--format=ascii',
        '--no-color',
        '--no-emoji',
      ],
      { encoding: 'utf8' },
    )
    // It has nothing against a package without any types.
    if (status === 0 && !/does not contain types|no types/i.test(stdout)) continue
    console.log(`${manifest.name}:\n${stdout}${stderr}`)
    process.exitCode = 1
  }
})
