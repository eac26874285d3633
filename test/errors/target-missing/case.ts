export const files = {};

export const targets = ['rmi.hh', 'linux/rmi_smc.h'];
