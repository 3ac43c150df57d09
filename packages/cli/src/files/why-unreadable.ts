const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
}

/** Why a file could not be read, in words where there are some, else as the system's code. */
export function whyUnreadable(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return REASONS[code] ?? code
}
