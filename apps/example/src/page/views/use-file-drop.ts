import { type DragEvent, useState } from 'react'

/** What an element needs so that files can be dropped on it: to be spread over its properties. */
export function useFileDrop(onFile: (name: string, bytes: Uint8Array) => void): {
  readonly 'data-target': boolean
  readonly onDragOver: (event: DragEvent) => void
  readonly onDragLeave: () => void
  readonly onDrop: (event: DragEvent) => void
} {
  const [isTarget, setTarget] = useState(false)
  return {
    'data-target': isTarget,
    onDragOver(event) {
      event.preventDefault()
      setTarget(true)
    },
    onDragLeave: () => setTarget(false),
    onDrop(event) {
      event.preventDefault()
      setTarget(false)
      for (const file of event.dataTransfer.files)
        void file.arrayBuffer().then((bytes) => onFile(file.name, new Uint8Array(bytes)))
    },
  }
}
