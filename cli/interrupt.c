#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t noted_signal;

static void set_handler(void (*handler)(int signal_number)) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

/* Runs inside a signal: a write to an atomic and sigaction are all that is allowed and done. */
static void note_signal(int signal_number) {
  noted_signal = signal_number;
  set_handler(SIG_DFL);
}

void qd_interrupt_catch(void) {
  set_handler(note_signal);
}

int qd_interrupt_signal(void) {
  return noted_signal;
}
