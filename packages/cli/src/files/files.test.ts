import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFileToSend } from './read-file.ts'
import { numberedName, safeName } from './safe-name.ts'
import { saveFile } from './save-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rc-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('safeName', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['/etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['..', 'file'],
    ['', 'file'],
    ['.bashrc', 'bashrc'],
    ['a\u001B[2J\n.txt', 'a__2J_.txt'],
    ['Größe (1).pdf', 'Größe (1).pdf'],
    [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(180)}.jpeg`],
    [`${'é'.repeat(91)}.${'ü'.repeat(30)}`, `${'é'.repeat(90)}.${'ü'.repeat(19)}`],
  ])('makes of %j the name %j', (name, safe) => {
    expect(safeName(name)).toBe(safe)
  })

  it('is never a path, hidden, empty or longer than file systems take', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const safe = safeName(name)
        expect(safe).not.toMatch(/[/\\\p{C}]|^\./u)
        expect(safe).not.toBe('')
        expect(Buffer.byteLength(numberedName(safe, 999))).toBeLessThanOrEqual(255)
      }),
    )
  })
})

describe('saveFile', () => {
  it('saves under the name, then under the next that is free, and leaves nothing else behind', async () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    const inner = join(folder, 'made', 'anew')
    expect(await saveFile(inner, 'a.txt', bytes('one'))).toBe(join(inner, 'a.txt'))
    expect(await saveFile(inner, 'a.txt', bytes('two'))).toBe(join(inner, 'a (1).txt'))
    expect(await saveFile(inner, '../a.txt', bytes('three'))).toBe(join(inner, 'a (2).txt'))
    expect(readdirSync(inner).sort()).toEqual(['a (1).txt', 'a (2).txt', 'a.txt'])
    expect(readFileSync(join(inner, 'a.txt'), 'utf8')).toBe('one')
  })

  it('says what it could not save, and what to do', async () => {
    writeFileSync(join(folder, 'no-directory'), '')
    await expect(saveFile(join(folder, 'no-directory'), 'a.txt', new Uint8Array(1))).rejects.toMatchObject({
      message: expect.stringMatching(/^cannot save a\.txt in .*\((EEXIST|ENOTDIR)\)$/),
      hint: 'Name another directory with --save.',
    })
  })
})

describe('readFileToSend', () => {
  it('reads a file with its name and hash', async () => {
    writeFileSync(join(folder, 'a.txt'), 'abc')
    expect(await readFileToSend(join(folder, 'a.txt'), 10)).toEqual({
      name: 'a.txt',
      bytes: Buffer.from('abc'),
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  })

  it('refuses what cannot be read, and what is too large', async () => {
    writeFileSync(join(folder, 'a.txt'), 'abc')
    await expect(readFileToSend(join(folder, 'a.txt'), 2)).rejects.toThrow(
      'one message carries 0.0 MB at most',
    )
    await expect(readFileToSend(join(folder, 'none'), 2)).rejects.toThrow(
      /^cannot read .*none: there is no such file$/,
    )
    await expect(readFileToSend(folder, 1_000_000)).rejects.toThrow(': it is a directory')
  })
})
