import type { Command } from 'commander'

/** What may stand somewhere. */
export type ValueKind = 'file' | 'directory' | 'any'

/** An option as it is completed. */
export interface OptionSpec {
  /** `--data` */
  readonly flag: string
  readonly description: string
  /** What its value is, where it takes one as the next word. */
  readonly value?: ValueKind
  /** Or one of these. */
  readonly choices?: readonly string[]
}

/** A command as it is completed. */
export interface CommandSpec {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionSpec[]
  /** Its arguments, in order. */
  readonly args: readonly {
    readonly name: string
    readonly value: ValueKind
    readonly choices?: readonly string[]
  }[]
}

/** Reads off a program what can be completed. */
export function completionSpec(program: Command): CommandSpec[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: firstPart(command.description()),
    options: help.visibleOptions(command).flatMap(({ long, description, required, flags, argChoices }) => {
      if (long === undefined || long === null) return []
      return [
        {
          flag: long,
          description: firstPart(description),
          ...(required && { value: kindOf(/<(.*)>/.exec(flags)?.[1] ?? '') }),
          ...(argChoices && { choices: argChoices }),
        },
      ]
    }),
    args: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: kindOf(argument.name()),
      ...(argument.argChoices && { choices: argument.argChoices }),
    })),
  }))
}

/** By the name of what is to be given. */
function kindOf(name: string): ValueKind {
  if (name === 'dir') return 'directory'
  return name === 'file' || name === 'frame' ? 'file' : 'any'
}

/** The beginning of a description, without what shells take for a sign of theirs. */
function firstPart(description: string): string {
  return (description.split(/[,;:(]/)[0] ?? '').replaceAll(/['"`$\\[\]]/g, '').trim()
}
