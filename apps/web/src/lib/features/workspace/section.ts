/** The sections of the Workspace. */
export type Section = 'mine' | 'shared' | 'trash';
