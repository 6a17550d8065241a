package org.circleosd.pluginmanager.sandbox.module;

import java.util.Random;

/** Damaged copies of a module, the same ones in every run. */
final class Mutants {

    private Mutants() {}

    /** Flips one bit if the number is even, replaces one byte if it is odd. */
    static byte[] mutant(byte[] module, int number) {
        Random random = new Random(number * 0x9e3779b97f4a7c15L + module.length);
        byte[] mutant = module.clone();
        int at = random.nextInt(mutant.length);
        if (number % 2 == 0) {
            mutant[at] ^= (byte) (1 << random.nextInt(8));
        } else {
            mutant[at] = (byte) (mutant[at] + 1 + random.nextInt(255));
        }
        return mutant;
    }
}
