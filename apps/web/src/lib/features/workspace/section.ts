/** The parts of the Workspace. */
export type Section = 'mine' | 'shared' | 'trash';
