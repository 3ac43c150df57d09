import { type FormEvent, type ReactNode, useId, useState } from 'react'

/** Where somebody writes, or takes a file to send. */
export function Composer({
  name,
  isReady = true,
  onText,
  onFile,
}: {
  readonly name: string
  readonly isReady?: boolean
  readonly onText: (text: string) => void
  readonly onFile: (name: string, bytes: Uint8Array) => void
}): ReactNode {
  const [text, setText] = useState('')
  const fileId = useId()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (text.trim() === '') return
    onText(text.trim())
    setText('')
  }
  return (
    <form className="composer" onSubmit={submit}>
      <input
        value={text}
        maxLength={2_000}
        placeholder="Write …"
        aria-label={`Write as ${name}`}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <input
        id={fileId}
        type="file"
        className="visually-hidden"
        aria-label={`Send a file as ${name}`}
        disabled={!isReady}
        onChange={({ target }) => {
          for (const file of target.files ?? [])
            void file.arrayBuffer().then((bytes) => onFile(file.name, new Uint8Array(bytes)))
          target.value = ''
        }}
      />
      <label htmlFor={fileId} className="quiet icon" title="Send a file, or drop one here" aria-hidden="true">
        <svg viewBox="0 0 16 16" width="16" height="16">
          <path
            className="stroke"
            d="M11 5.5 6.6 9.9a1.4 1.4 0 0 0 2 2l4.7-4.8a2.8 2.8 0 0 0-4-4L4.5 8a4.2 4.2 0 0 0 6 6l3.5-3.6"
          />
        </svg>
      </label>
      <button type="submit" className="primary" aria-label={`Send as ${name}`} disabled={!isReady}>
        Send
      </button>
    </form>
  )
}
