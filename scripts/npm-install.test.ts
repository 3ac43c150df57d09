import { expect, it } from 'vitest'
import { npmInstall } from './npm-install.ts'

it('takes the npm of this machine, or a newer one where it is too old for overrides that lead to tarballs', () => {
  const by = (version: string): string => npmInstall('/project', version).join(' ')
  const install = 'install --prefix /project --no-audit --no-fund --loglevel=error'
  expect(by('11.19.1\n')).toBe(`npm ${install}`)
  expect(by('10.0.0\n')).toBe(`npm ${install}`)
  expect(by('9.2.0\n')).toBe(`npx --yes npm@11 ${install}`)
})
