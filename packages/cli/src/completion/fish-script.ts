import type { CommandSpec, OptionSpec } from './completion-spec.ts'

/** A script for fish. */
export function fishScript(name: string, commands: readonly CommandSpec[]): string {
  const lines = commands.flatMap((command) => {
    const { description, options, args } = command
    const within = `-n '__fish_seen_subcommand_from ${command.name}'`
    const takesFiles = args.some(({ value }) => value === 'file')
    const choices = args[0]?.choices?.join(' ')
    return [
      `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d '${description}'`,
      ...(takesFiles ? [`complete -c ${name} ${within} -F`] : []),
      ...(choices === undefined ? [] : [`complete -c ${name} ${within} -a '${choices}'`]),
      ...options.map((option) => `complete -c ${name} ${within} ${optionPart(option)}`),
    ]
  })
  return `# Completion of ${name} for fish: ${name} completion fish | source
complete -c ${name} -f
${lines.join('\n')}
`
}

function optionPart({ flag, description, value, choices }: OptionSpec): string {
  const values = {
    file: ' -r -F',
    directory: " -x -a '(__fish_complete_directories)'",
    any: choices ? ` -x -a '${choices.join(' ')}'` : ' -x',
  }
  return `-l ${flag.slice(2)}${value === undefined ? '' : values[value]} -d '${description}'`
}
