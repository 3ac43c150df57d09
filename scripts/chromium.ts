import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Nothing that reaches out of the machine, and nothing that needs a display or a user namespace. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where Chromium is; `CHROMIUM_PATH` overrules the usual places. Tests that need it are skipped without it. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM_PATH'] ?? PATHS.find((path) => existsSync(path))

/** Starts a headless Chromium with a profile of its own. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`no Chromium at ${PATHS.join(', ')}; set CHROMIUM_PATH`)
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS, timeout: 50_000 })
}
