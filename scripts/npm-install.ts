import { spawnSync } from 'node:child_process'

/** The oldest npm that takes overrides which lead to tarballs: 9.2, which Debian has, ends with "Invalid comparator". */
const OLDEST = 10
const NEWER = 'npm@11'

/**
 * What has npm install in `folder`, by the npm of this machine, or a newer one where that is too old. To be run elsewhere: the
 * old one reads the manifest where it is, if only to fetch the newer.
 */
export function npmInstall(folder: string, version: string = versionHere()): readonly string[] {
  const npm = Number.parseInt(version, 10) >= OLDEST ? ['npm'] : ['npx', '--yes', NEWER]
  return [...npm, 'install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']
}

function versionHere(): string {
  return spawnSync('npm', ['--version'], { encoding: 'utf8' }).stdout
}
