"""The only room that says `import airflow`; differences between 3.0 and 3.3 end here.

Nothing is imported from Airflow until a module of this room is asked for something.
"""
