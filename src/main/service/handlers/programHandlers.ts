import { type Area } from './area'

export const programHandlers: Area<'program'> = {
  'program.ofExperiment': ({ experiment, ...wanted }, { programs }) =>
    programs.ofExperiment(experiment, wanted),
  'program.ofSocket': ({ id, ...wanted }, { programs }) => programs.ofSocket(id, wanted),
}
